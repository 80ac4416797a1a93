package dev.holdfast.server;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import dev.holdfast.server.config.ConfigReader;
import dev.holdfast.server.config.ConfigSource;
import dev.holdfast.server.config.ServerConfig;
import dev.holdfast.spi.BackendException;
import dev.holdfast.spi.config.ConfigException;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code holdfast server}: starts a server and runs until the process is told to end. */
@Command(
        name = "server",
        mixinStandardHelpOptions = true,
        versionProvider = ServerCommand.Versions.class,
        description =
                "Starts a server. Ends in order on SIGTERM and SIGINT. SIGHUP has it read the certificates and keys"
                        + " of its listeners again, unless it is one of -dev.",
        subcommands = {ServerCommand.Check.class, AdoptCommand.class})
final class ServerCommand implements Callable<Integer> {
    private static final int WRONG_CONFIGURATION = 2;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Option(
            names = {"-config", "--config"},
            paramLabel = "FILE",
            description = "HCL or JSON, or a directory with such files; may be given several times")
    private List<Path> files = List.of();

    @Option(
            names = {"-dev", "--dev"},
            description = "In memory, initialised and unsealed; everything is lost when it ends")
    private boolean dev;

    @Option(
            names = {"-dev-root-token-id", "--dev-root-token-id"},
            paramLabel = "TOKEN",
            description = "The root token of -dev; a random one when left out")
    private String devToken = "";

    @Option(
            names = {"-dev-listen-address", "--dev-listen-address"},
            paramLabel = "HOST:PORT",
            description = "Where -dev listens; 127.0.0.1:8200 when left out")
    private String devAddress = "127.0.0.1:8200";

    static final class Versions implements CommandLine.IVersionProvider {
        @Override
        public String[] getVersion() {
            return new String[] {"Holdfast v" + Version.number() + ", built " + Version.buildDate()};
        }
    }

    @Override
    public Integer call() throws Exception {
        if (dev == !files.isEmpty()) {
            throw new ParameterException(spec.commandLine(), "give either -config FILE or -dev");
        }
        PrintWriter out = spec.commandLine().getOut();
        return explaining(spec, () -> {
            HoldfastServer server = start();
            CountDownLatch ended = new CountDownLatch(1);
            Runtime.getRuntime()
                    .addShutdownHook(new Thread(
                            () -> {
                                server.close();
                                ended.countDown();
                            },
                            "holdfast-shutdown"));
            if (!dev) {
                Hangup.handle(server::reload);
            }
            out.println(server.banner());
            if (dev) {
                out.println(DevMode.unseal(server, devToken));
            }
            out.println("==> Holdfast server started! Log data will stream in below:\n");
            out.flush();
            ended.await();
            return 0;
        });
    }

    private HoldfastServer start() throws IOException {
        Plugins plugins = new Plugins();
        try {
            ServerConfig config = dev ? DevMode.config(devAddress) : read(files, plugins);
            setLogLevel(config.logLevel());
            warn(config, spec.commandLine().getErr());
            return HoldfastServer.start(config, plugins);
        } catch (IOException | RuntimeException | Error e) {
            plugins.close();
            throw e;
        }
    }

    /** {@code holdfast server check}: reads a configuration and the files that it names, and opens no socket and no store. */
    @Command(
            name = "check",
            mixinStandardHelpOptions = true,
            description =
                    "Says what is wrong with a configuration, with file and line, and with the files that it names;"
                            + " opens no socket and no store.")
    static final class Check implements Callable<Integer> {
        @Spec
        @SuppressWarnings("NullAway.Init") // picocli sets it
        private CommandSpec spec;

        @Option(
                names = {"-config", "--config"},
                required = true,
                paramLabel = "FILE",
                description = "HCL or JSON, or a directory with such files; may be given several times")
        private List<Path> files = List.of();

        @Override
        public Integer call() throws Exception {
            return explaining(spec, () -> {
                try (Plugins plugins = new Plugins()) {
                    ServerConfig config = read(files, plugins);
                    warn(config, spec.commandLine().getErr());
                    StartCheck.run(config, plugins.backends(config.pluginDirectory()));
                    spec.commandLine().getOut().println("The configuration is valid.");
                    return 0;
                }
            });
        }
    }

    static ServerConfig read(List<Path> files, Plugins plugins) {
        return new ConfigReader(System::getenv, plugins::backends).read(ConfigSource.of(files));
    }

    private static void warn(ServerConfig config, PrintWriter err) {
        config.warnings().forEach(warning -> err.println("warning: " + warning));
        err.flush();
    }

    static int explaining(CommandSpec spec, Callable<Integer> work) throws Exception {
        PrintWriter err = spec.commandLine().getErr();
        try {
            return work.call();
        } catch (ConfigException e) {
            e.problems().forEach(problem -> err.println("error: " + problem));
            return WRONG_CONFIGURATION;
        } catch (IOException | BackendException e) {
            err.println("error: " + e.getMessage());
            return 1;
        } finally {
            err.flush();
        }
    }

    private static void setLogLevel(String level) {
        ((Logger) LoggerFactory.getLogger("dev.holdfast")).setLevel(Level.toLevel(level, Level.INFO));
    }
}
