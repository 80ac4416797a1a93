package dev.holdfast.backend.zookeeper;

import static org.assertj.core.api.Assertions.assertThat;

import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.model.ExposedPort;
import com.github.dockerjava.api.model.HostConfig;
import com.github.dockerjava.api.model.PortBinding;
import com.github.dockerjava.api.model.Ports;
import dev.holdfast.spi.BackendException;
import dev.holdfast.spi.Backends;
import dev.holdfast.spi.HABackend;
import dev.holdfast.spi.Key;
import dev.holdfast.spi.Lease;
import dev.holdfast.spi.Loss;
import dev.holdfast.tck.stores.FreePort;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.containers.wait.strategy.Wait;

/** Each server grants the time of a session anew, and one to which it moves may grant less than the first one. */
@Timeout(180)
class ZooKeeperGrantTest {
    private static final int PORT = 2181;
    private static final Key LOCK = Key.of("lock");

    @Test
    void aSessionThatIsGrantedLessThanItsLeasesCountOnEndsThemAndTheNextOneCountsOnThat() throws Exception {
        int port = FreePort.next();
        try (GenericContainer<?> server = new GenericContainer<>("holdfast/zookeeper:3.9")) {
            server.withLabel(
                            "dev.holdfast.run",
                            Optional.ofNullable(System.getenv("HOLDFAST_RUN_ID"))
                                    .orElse("by-hand"))
                    .withExposedPorts(PORT)
                    .withCreateContainerCmdModifier(create -> create.withHostConfig(HostConfig.newHostConfig()
                            .withPortBindings(new PortBinding(
                                    Ports.Binding.bindIpAndPort("127.0.0.1", port), ExposedPort.tcp(PORT)))))
                    .waitingFor(Wait.forLogMessage("(?s).*binding to port .*" + PORT + ".*", 1))
                    .start();
            Map<String, String> options = Map.of("endpoints", "127.0.0.1:" + port, "lock_ttl", "40s");
            try (HABackend backend = (HABackend) Backends.load().open("zookeeper", options)) {
                Lease lease = win(backend); // the server says that it is there before it lets anyone in
                assertThat(lease.remaining()).isGreaterThan(Duration.ofSeconds(20));

                server.execInContainer("sh", "-c", "echo maxSessionTimeout=6000 >> \"$ZOO_CONF_DIR/zoo.cfg\"");
                DockerClient docker = server.getDockerClient();
                docker.killContainerCmd(server.getContainerId()).exec();
                docker.startContainerCmd(server.getContainerId()).exec();

                Loss loss = lease.lost().toCompletableFuture().get(60, TimeUnit.SECONDS);
                assertThat(loss.reason()).isEqualTo(Loss.Reason.REVOKED);
                assertThat(loss.detail()).contains("granted the session 6000 ms", "before 40000 ms");
                try (Lease next = win(backend)) {
                    assertThat(next.remaining()).isLessThan(Duration.ofSeconds(6));
                }
            }
        }
    }

    private static Lease win(HABackend backend) throws InterruptedException {
        long start = System.nanoTime();
        while (true) {
            try {
                return backend.lock(LOCK, "me")
                        .tryAcquire(Duration.ofSeconds(60))
                        .orElseThrow();
            } catch (BackendException.Unavailable e) {
                assertThat(System.nanoTime() - start).isLessThan(TimeUnit.SECONDS.toNanos(60));
                Thread.sleep(20); // not yet back
            }
        }
    }
}
