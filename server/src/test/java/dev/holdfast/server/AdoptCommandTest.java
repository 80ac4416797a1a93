package dev.holdfast.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.ha.HANode;
import dev.holdfast.server.Servers.One;
import dev.holdfast.server.cluster.ClusterNode;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** A lock store that was lost and replaced by an empty one. */
class AdoptCommandTest {
    private static final String WORDS = "new lock store 1 for core/lock";

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
}
