package dev.holdfast.server;

import dev.holdfast.tck.stores.FreePort;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A server in a process of its own, which can be killed and paused. */
final class ServerProcess implements AutoCloseable {
    /** For those that live for seconds. */
    private static final List<String> SHORT_LIVED = List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xmx256m");

    /** What {@code ./holdfast server} starts. */
    static final List<String> AS_INSTALLED = List.of();

    final int port;
    private final List<String> options;
    private final Client client;
    private final Path config;
    private final Process process;
    private final Path log;

    /** @param storage the configuration's blocks for the stores */
    ServerProcess(Path directory, String storage) throws IOException {
        this(directory, storage, "");
    }

    /** @param build a directory of the class path that comes before all others */
    ServerProcess(Path directory, String storage, String build) throws IOException {
        this(directory, storage, build, SHORT_LIVED);
    }

    /** @param options of the JVM */
    ServerProcess(Path directory, String storage, String build, List<String> options) throws IOException {
        this.options = options;
        port = FreePort.next();
        int clusterPort = FreePort.next();
        config = Files.writeString(
                directory.resolve(port + ".hcl"), """
                %s
                listener "tcp" {
                  address = "127.0.0.1:%d"
                  cluster_address = "127.0.0.1:%d"
                  tls_disable = true
                }
                api_addr = "http://127.0.0.1:%d"
                cluster_addr = "127.0.0.1:%d"
                """.formatted(storage, port, clusterPort, port, clusterPort));
        client = new Client("http://127.0.0.1:" + port, "");
        log = directory.resolve(port + ".log");
        process = start(build);
    }

    /**
     * With a configuration that is complete.
     *
     * @param client of the server, without a token
     */
    ServerProcess(Path config, Client client) throws IOException {
        this.port = URI.create(client.address()).getPort();
        this.client = client;
        this.config = config;
        this.options = SHORT_LIVED;
        log = config.resolveSibling(config.getFileName() + ".log");
        process = start("");
    }

    /** The same server, after it has ended, as another build. */
    ServerProcess(ServerProcess ended, String build) throws IOException {
        port = ended.port;
        client = ended.client;
        options = ended.options;
        config = ended.config;
        log = ended.log;
        process = start(build);
    }

    private Process start(String build) throws IOException {
        String classPath = System.getProperty("java.class.path");
        List<String> command = new ArrayList<>(options);
        command.add(0, Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of(
                "-cp",
                build.isEmpty() ? classPath : build + File.pathSeparator + classPath,
                // As operators have it; the configuration for tests says less.
                "-Dlogback.configurationFile=logback.xml",
                "dev.holdfast.server.Main",
                "-config",
                config.toString()));
        // What runs the tests may ignore SIGHUP, as under nohup, and that would be inherited.
        command.addAll(0, List.of("env", "--default-signal=HUP"));
        return new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
                .start();
    }

    Client client(String token) {
        return new Client(address(), token, client.http());
    }

    String address() {
        return client.address();
    }

    ServerProcess awaitListening() {
        // Several JVMs start at once, on whatever machine this is.
        Servers.await("the server on " + port + " listens", Duration.ofSeconds(60), () -> {
            if (!process.isAlive()) {
                throw new AssertionError("the server has ended: " + log());
            }
            try {
                return client("").get("sys/seal-status").status() == 200;
            } catch (UncheckedIOException e) {
                return false;
            }
        });
        return this;
    }

    String log() {
        try {
            return Files.readString(log);
        } catch (IOException e) {
            return "no log: " + e;
        }
    }

    long pid() {
        return process.pid();
    }

    boolean isAlive() {
        return process.isAlive();
    }

    /** SIGKILL. */
    void kill() throws InterruptedException {
        process.destroyForcibly();
        if (!process.waitFor(10, TimeUnit.SECONDS)) {
            throw new AssertionError("a killed process lives");
        }
    }

    /** SIGSTOP. */
    void pause() throws Exception {
        signal("STOP");
    }

    /** SIGCONT. */
    void resume() throws Exception {
        signal("CONT");
    }

    /** SIGHUP. */
    void hangUp() throws Exception {
        signal("HUP");
    }

    /** As a service manager ends it. */
    void terminate() {
        process.destroy();
    }

    /** The same, until it has ended. */
    void end() throws InterruptedException {
        terminate();
        if (!process.waitFor(30, TimeUnit.SECONDS)) {
            throw new AssertionError("it does not end: " + log());
        }
    }

    /** Of one that has ended. */
    int exitCode() {
        return process.exitValue();
    }

    private void signal(String name) throws Exception {
        int status = new ProcessBuilder("kill", "-" + name, String.valueOf(process.pid()))
                .start()
                .waitFor();
        if (status != 0) {
            throw new AssertionError("kill -" + name + " failed with " + status);
        }
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
