package dev.holdfast.bench;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.slf4j.LoggerFactory;

/** Another JVM with this one's class path, which says on its standard output what it has found out. */
final class Jvm implements AutoCloseable {
    private final String name;
    private final Path errors;
    private final Process process;

    Jvm(List<String> options, Class<?> main, List<String> arguments) throws IOException {
        name = main.getSimpleName();
        errors = Files.createTempFile("holdfast-bench-", ".log");
        process = builder(options, main.getName(), arguments)
                .redirectError(errors.toFile())
                .start();
    }

    /** One that is left to itself; what it writes goes into a file. */
    static Process start(List<String> options, String main, List<String> arguments, File log) throws IOException {
        return builder(options, main, arguments)
                .redirectErrorStream(true)
                .redirectOutput(log)
                .start();
    }

    private static ProcessBuilder builder(List<String> options, String main, List<String> arguments) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(options);
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), main));
        command.addAll(arguments);
        return new ProcessBuilder(command);
    }

    /** In such a JVM: its standard output. What libraries print goes elsewhere: nobody reads it, and a full pipe blocks. */
    static PrintStream voice() {
        PrintStream voice = System.out;
        System.setOut(System.err);
        quiet();
        return voice;
    }

    /** Lets libraries log errors only, whatever their logger finds on the class path. */
    static void quiet() {
        java.util.logging.Logger.getLogger("").setLevel(java.util.logging.Level.WARNING);
        ((Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME)).setLevel(Level.ERROR);
    }

    /** What stands behind a word at the beginning of a line that it writes; it is killed when it does not say it in time. */
    String said(String word, Duration patience) throws IOException {
        CompletableFuture<Void> end = CompletableFuture.runAsync(
                process::destroyForcibly,
                CompletableFuture.delayedExecutor(patience.toMillis(), TimeUnit.MILLISECONDS));
        BufferedReader lines = process.inputReader(StandardCharsets.UTF_8);
        try {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                if (line.startsWith(word + " ")) {
                    return line.substring(word.length() + 1);
                }
            }
        } finally {
            end.cancel(false);
        }
        throw new IOException(name + " ended without saying '" + word + "', for which it had " + patience.toSeconds()
                + " s: " + Files.readString(errors).strip());
    }

    /** Ends it as {@code kill -9} does. */
    void kill() {
        process.destroyForcibly();
    }

    @Override
    public void close() throws IOException {
        process.destroyForcibly();
        Files.deleteIfExists(errors);
    }
}
