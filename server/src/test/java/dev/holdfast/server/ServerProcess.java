package dev.holdfast.server;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A server in a process of its own, which can be killed and paused. */
final class ServerProcess implements AutoCloseable {
    final int port;
    private final Process process;
    private final Path log;

    /** @param storage the configuration's blocks for the stores */
    ServerProcess(Path directory, String storage) throws IOException {
        port = Servers.freePort();
        Path config = Files.writeString(
                directory.resolve(port + ".hcl"), """
                %s
                listener "tcp" {
                  address = "127.0.0.1:%d"
                  cluster_address = "127.0.0.1:%d"
                  tls_disable = true
                }
                api_addr = "http://127.0.0.1:%d"
                cluster_addr = "127.0.0.1:%d"
                """.formatted(storage, port, port + 1, port, port + 1));
        log = directory.resolve(port + ".log");
        List<String> command = List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-Xmx256m",
                "-cp",
                System.getProperty("java.class.path"),
                "dev.holdfast.server.Main",
                "-config",
                config.toString());
        process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
    }

    Client client(String token) {
        return new Client("http://127.0.0.1:" + port, token);
    }

    ServerProcess awaitListening() {
        Servers.await("the server on " + port + " listens: " + log(), () -> {
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

    /** SIGKILL. */
    void kill() throws InterruptedException {
        process.destroyForcibly();
        if (!process.waitFor(10, TimeUnit.SECONDS)) {
            throw new AssertionError("a killed process lives");
        }
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
