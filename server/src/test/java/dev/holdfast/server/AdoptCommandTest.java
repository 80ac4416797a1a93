package dev.holdfast.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.ha.HANode;
import dev.holdfast.server.Servers.One;
import dev.holdfast.server.cluster.ClusterNode;
import dev.holdfast.tck.stores.EtcdStore;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** A lock store that was lost and replaced by an empty one. */
class AdoptCommandTest {
    private static final String WORDS = "new lock store 1 for core/lock";

    /** For nodes whose store was away. */
    private static final Duration LONGEST = Duration.ofSeconds(60);

    @RegisterExtension
    final Servers servers = new Servers();

    @TempDir
    Path directory;

    private record Outcome(int exit, String out, String err) {}

    private Outcome run(One server, String... words) throws IOException {
        Path file = Files.writeString(directory.resolve("node.hcl"), server.config);
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        CommandLine command = new CommandLine(new ServerCommand())
                .setOut(new PrintWriter(out))
                .setErr(new PrintWriter(err));
        String[] arguments = new String[3 + words.length];
        arguments[0] = "adopt-lock-store";
        arguments[1] = "-config";
        arguments[2] = file.toString();
        System.arraycopy(words, 0, arguments, 3, words.length);
        return new Outcome(command.execute(arguments), out.toString(), err.toString());
    }

    private static boolean isBlocked(One server) {
        return server.server
                .node()
                .cluster()
                .flatMap(ClusterNode::node)
                .map(HANode::state)
                .equals(Optional.of(HANode.State.BLOCKED));
    }

    @Test
    void itIsAdoptedWithTheWordsOfTheEventOnly() throws Exception {
        servers.withLocksIn(servers.store + "-old");
        One before = servers.startFirst();
        assertThat(before.put("secret/a", "{\"k\":1}").status()).isEqualTo(204);
        before.close();
        servers.withLocksIn(servers.store + "-new");
        One server = servers.start().unseal();
        Servers.await("it recognises that the lock store is another one", () -> isBlocked(server));

        assertThat(run(server).exit()).as("without words").isEqualTo(2);
        Outcome wrong = run(server, "yes");
        assertThat(wrong.exit()).isEqualTo(1);
        assertThat(wrong.err()).contains("confirm with exactly \"" + WORDS + "\"", "nothing was changed");
        assertThat(isBlocked(server)).isTrue();

        Outcome adopted = run(server, WORDS);

        assertThat(adopted.err()).isEmpty();
        assertThat(adopted.exit()).isEqualTo(0);
        assertThat(adopted.out()).contains("Adopted");
        server.awaitActive();
        assertThat(server.get("secret/a").json().at("/data/k").asInt()).isEqualTo(1);
        assertThat(server.put("secret/a", "{\"k\":2}").status()).isEqualTo(204);
        Outcome again = run(server, WORDS);
        assertThat(again.exit()).as("a second time").isEqualTo(1);
        assertThat(again.err()).contains("new lock store 2 for core/lock");
        assertThat(server.put("secret/a", "{\"k\":3}").status()).isEqualTo(204);
    }

    /** Nodes that knew an active with a higher token follow the one that leads now, also when no client asks them. */
    @Test
    void theOthersFollowAnActiveWhoseTokensCountAnew() throws Exception {
        try (EtcdStore etcd = EtcdStore.start()) {
            servers.withLocks("""
                    ha_storage "etcd" {
                      endpoints = "%s"
                      lock_ttl = "10s"
                      request_timeout = "5s"
                    }
                    """.formatted(etcd.endpoints()));
            servers.startFirst().close();
            etcd.takeSnapshot();
            for (int i = 0; i < 5; i++) { // each is a token that the snapshot does not have
                servers.start().unseal().awaitActive().close();
            }
            List<One> nodes = List.of(
                    servers.start().unseal().awaitActive(),
                    servers.start().unseal(),
                    servers.start().unseal());
            nodes.forEach(AdoptCommandTest::awaitUp);

            etcd.restoreSnapshot();
            nodes.forEach(node -> Servers.await("it sees that tokens are behind", LONGEST, () -> isBlocked(node)));
            Outcome adopted = run(nodes.get(0), WORDS);
            assertThat(adopted.exit()).as(adopted.err()).isEqualTo(0);

            nodes.forEach(AdoptCommandTest::awaitUp);
        }
    }

    private static void awaitUp(One node) {
        Servers.await(
                "a node is up",
                LONGEST,
                () -> node.get("sys/health").json().get("state").asText().equals("up"));
    }
}
