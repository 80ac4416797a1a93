package dev.holdfast.tck.stores;

import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.exception.InternalServerErrorException;
import com.github.dockerjava.api.model.ContainerNetwork;
import com.github.dockerjava.api.model.ExposedPort;
import com.github.dockerjava.api.model.HostConfig;
import com.github.dockerjava.api.model.PortBinding;
import com.github.dockerjava.api.model.Ports;
import dev.holdfast.tck.StoreControl;
import dev.holdfast.tck.StoreException;
import dev.holdfast.tck.UnverifiedException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.IntPredicate;
import org.jspecify.annotations.Nullable;
import org.testcontainers.DockerClientFactory;
import org.testcontainers.containers.ContainerLaunchException;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.containers.wait.strategy.AbstractWaitStrategy;
import org.testcontainers.utility.DockerImageName;

/**
 * One server in a container, published on a port of loopback that stays the same over restarts. It carries the label
 * {@code dev.holdfast.run} with the value of the environment variable {@code HOLDFAST_RUN_ID}, so that whoever started
 * the run can remove what an interrupted one leaves behind.
 */
final class StoreContainer implements StoreControl, AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(90);
    private static final int STOP_SECONDS = 30;

    /**
     * What to start.
     *
     * @param name the store's name, which also names the property that replaces the image
     * @param image the image that the project builds
     * @param port the port inside
     * @param command the command line; empty for the image's own
     * @param graceful whether the server must be stopped in an orderly way to keep its data
     * @param peers the network on which it finds other servers of the same store; null for one alone
     * @param alias its name on that network
     */
    record Plan(
            String name,
            String image,
            int port,
            List<String> command,
            Map<String, String> environment,
            boolean graceful,
            @Nullable String peers,
            String alias) {
        /** One server alone. */
        Plan(
                String name,
                String image,
                int port,
                List<String> command,
                Map<String, String> environment,
                boolean graceful) {
            this(name, image, port, command, environment, graceful, null, name);
        }
    }

    private static final int FURTHER_ATTEMPTS = 5;

    private final Plan plan;
    private final String image;
    private final int port;
    private final IntPredicate answers;
    private final GenericContainer<?> container;

    /** @param answers whether the store does real work, asked on its published port */
    StoreContainer(Plan plan, IntPredicate answers) {
        this.plan = plan;
        this.image = StoreImage.named(plan.name(), plan.image());
        this.port = FreePort.next(); // one given by Docker would change with each restart
        this.answers = answers;
        requireEngine();
        StoreImage.awaitBuilt();
        this.container = new GenericContainer<>(DockerImageName.parse(image))
                .withEnv(plan.environment())
                .withLabel("dev.holdfast.run", run())
                .withCreateContainerCmdModifier(create -> create.withHostConfig(
                        hostConfig(create.getHostConfig()).withPortBindings(binding(plan.port(), port))))
                .waitingFor(new AbstractWaitStrategy() {
                    @Override
                    protected void waitUntilReady() {
                        if (plan.peers() == null) {
                            awaitAnswer();
                        } else {
                            connect(); // and it answers when enough of the others do
                        }
                    }
                });
        if (!plan.command().isEmpty()) {
            container.withCommand(plan.command().toArray(String[]::new));
        }
        container.withExposedPorts(plan.port());
        start();
    }

    private void start() {
        try {
            container.start();
        } catch (ContainerLaunchException e) {
            throw new StoreException(
                    "the container for " + plan.name() + " does not start from image '" + image
                            + "': run './holdfast stores up' once, which builds the images, or name another one with"
                            + " -Dholdfast.image." + plan.name() + "=…",
                    e);
        }
    }

    /** The published port on 127.0.0.1. */
    int port() {
        return port;
    }

    /** What runs, for reports. */
    String image() {
        return image;
    }

    /** Runs a command inside and returns what it printed; throws when it fails. */
    String run(String... command) {
        try {
            var result = container.execInContainer(command);
            if (result.getExitCode() != 0) {
                throw new StoreException(
                        command[0] + " failed in the container of " + plan.name() + ": " + result.getStderr(), null);
            }
            return result.getStdout();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new StoreException("interrupted while " + command[0] + " ran", e);
        }
    }

    /**
     * The engine gives up on a container whose processes do not all hold still in time, and lets them go on; on a busy
     * machine another attempt succeeds. Nothing is known of the store then, so that is no finding.
     */
    @Override
    public void pause() {
        for (int left = FURTHER_ATTEMPTS; ; left--) {
            try {
                docker().pauseContainerCmd(container.getContainerId()).exec();
                return;
            } catch (InternalServerErrorException e) {
                if (left == 0 || !String.valueOf(e.getMessage()).contains("unable to freeze")) {
                    throw new UnverifiedException(
                            "the engine cannot pause the container of " + plan.name() + ": " + e.getMessage());
                }
            }
        }
    }

    @Override
    public void resume() {
        docker().unpauseContainerCmd(container.getContainerId()).exec();
    }

    @Override
    public void restart() {
        if (plan.graceful()) {
            docker().stopContainerCmd(container.getContainerId())
                    .withTimeout(STOP_SECONDS)
                    .exec();
        } else {
            docker().killContainerCmd(container.getContainerId()).exec();
        }
        docker().startContainerCmd(container.getContainerId()).exec();
        awaitAnswer();
    }

    /** Ends it at once. */
    void kill() {
        docker().killContainerCmd(container.getContainerId()).exec();
    }

    /** Starts it again after {@link #kill}, without waiting for its answer. */
    void revive() {
        docker().startContainerCmd(container.getContainerId()).exec();
    }

    /** Takes it from the network of its peers; its published port still works. */
    void disconnect() {
        docker().disconnectFromNetworkCmd()
                .withNetworkId(Objects.requireNonNull(plan.peers()))
                .withContainerId(container.getContainerId())
                .withForce(true)
                .exec();
    }

    /** Puts it on the network of its peers. */
    void connect() {
        docker().connectToNetworkCmd()
                .withNetworkId(Objects.requireNonNull(plan.peers()))
                .withContainerId(container.getContainerId())
                .withContainerNetwork(new ContainerNetwork().withAliases(plan.alias()))
                .exec();
    }

    @Override
    public void close() {
        container.stop();
    }

    /** Returns when the store answers on this server. */
    void awaitAnswer() {
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (!answers.test(port)) {
            if (System.nanoTime() - end > 0) {
                throw new StoreException(
                        plan.name() + " does not answer on port " + port + " within " + PATIENCE.toSeconds()
                                + " s; its log ends: " + tail(container.getLogs()),
                        null);
            }
            try {
                Thread.sleep(20);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new StoreException("interrupted while waiting for " + plan.name(), e);
            }
        }
    }

    private static void requireEngine() {
        if (!DockerClientFactory.instance().isDockerAvailable()) {
            throw new StoreException(
                    "no Docker engine answers: start one, or let './holdfast test' do it on Debian as root", null);
        }
    }

    /** The label's value. */
    static String run() {
        return Optional.ofNullable(System.getenv("HOLDFAST_RUN_ID")).orElse("by-hand");
    }

    private static HostConfig hostConfig(@Nullable HostConfig given) {
        return given == null ? HostConfig.newHostConfig() : given;
    }

    private static PortBinding binding(int inside, int outside) {
        return new PortBinding(Ports.Binding.bindIpAndPort("127.0.0.1", outside), ExposedPort.tcp(inside));
    }

    private static String tail(String log) {
        return log.substring(Math.max(0, log.length() - 1_000)).strip();
    }

    static DockerClient docker() {
        return DockerClientFactory.instance().client();
    }
}
