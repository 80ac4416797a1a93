package dev.holdfast.server;

import dev.holdfast.server.cluster.ClusterNode;
import dev.holdfast.server.config.ServerConfig;
import dev.holdfast.spi.config.ConfigException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/**
 * {@code holdfast server adopt-lock-store}: goes on with a lock store that was replaced or restored. It needs the words of
 * the event that says so, which are others every time, and changes nothing without them.
 */
@Command(
        name = AdoptCommand.NAME,
        mixinStandardHelpOptions = true,
        description =
                "Goes on with a lock store that was replaced or restored, after nodes have logged LOCK_STORE_BEHIND."
                        + " Make sure first that no node uses the old one any more; the nodes that wait go on by themselves.")
final class AdoptCommand implements Callable<Integer> {
    static final String NAME = "adopt-lock-store";

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Option(
            names = {"-config", "--config"},
            required = true,
            paramLabel = "FILE",
            description = "That of a node; HCL or JSON, or a directory with such files; may be given several times")
    private List<Path> files = List.of();

    @Parameters(arity = "1", paramLabel = "WORDS", description = "The words that LOCK_STORE_BEHIND asks for, in quotes")
    private String words = "";

    private Stores open(Plugins plugins) {
        ServerConfig config = ServerCommand.read(files, plugins);
        return Stores.open(config, plugins.backends(config.pluginDirectory()));
    }

    @Override
    public Integer call() throws Exception {
        return ServerCommand.explaining(spec, () -> {
            try (Plugins plugins = new Plugins();
                    Stores stores = open(plugins)) {
                stores.pair().adoptLockStore(ClusterNode.LOCK, words);
                spec.commandLine()
                        .getOut()
                        .println("Adopted: tokens of " + stores.locks()
                                + " go on from the fence of storage. Nodes that wait"
                                + " become active by themselves.");
                spec.commandLine().getOut().flush();
                return 0;
            } catch (ConfigException e) {
                throw e;
            } catch (IllegalArgumentException | IllegalStateException e) {
                spec.commandLine().getErr().println("error: " + e.getMessage());
                return 1;
            }
        });
    }
}
