package dev.holdfast.bench;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Another JVM with this one's class path. */
final class Jvm {
    private Jvm() {}

    /** Its errors go nowhere. */
    static Process start(List<String> options, Class<?> main, List<String> arguments) throws IOException {
        return builder(options, main.getName(), arguments)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
    }

    /** What it writes goes into a file. */
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

    /** The number behind a word at the beginning of a line that it writes. */
    static double said(String word, List<String> options, Class<?> main, List<String> arguments) throws IOException {
        Path errors = Files.createTempFile("holdfast-bench-", ".log");
        Process jvm = builder(options, main.getName(), arguments)
                .redirectError(errors.toFile())
                .start();
        try (BufferedReader lines = jvm.inputReader(StandardCharsets.UTF_8)) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                if (line.startsWith(word + " ")) {
                    return Double.parseDouble(line.substring(word.length() + 1));
                }
            }
            throw new IOException(main.getSimpleName() + " ended without a word: "
                    + Files.readString(errors).strip());
        } finally {
            jvm.destroyForcibly();
            Files.deleteIfExists(errors);
        }
    }
}
