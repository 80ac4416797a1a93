package dev.holdfast.tck.rules;

import dev.holdfast.tck.Trial;
import dev.holdfast.tck.UnverifiedException;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/** A backend and what it needs as modules of another JVM. */
record ModulePath(Trial trial, List<Path> entries) {
    static ModulePath of(Trial trial) {
        return new ModulePath(
                trial,
                trial.harness()
                        .modulePath()
                        .orElseThrow(
                                () -> new UnverifiedException("the harness does not name the backend's module path")));
    }

    /** What the probe printed, errors included. */
    String probe() throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--module-path",
                entries.stream().map(Path::toString).collect(Collectors.joining(File.pathSeparator)),
                "--add-modules",
                "ALL-MODULE-PATH",
                "-cp",
                location(),
                "dev.holdfast.tck.ModuleProbe",
                trial.harness().type()));
        trial.options().forEach((name, value) -> command.add(name + "=" + value));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        trial.keep(process::destroyForcibly);
        CompletableFuture<String> output = CompletableFuture.supplyAsync(() -> {
            try {
                return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            } catch (IOException e) {
                return e.toString();
            }
        });
        if (!process.waitFor(40, TimeUnit.SECONDS)) {
            throw new AssertionError("a JVM with the backend on its module path did not end within 40 s");
        }
        return output.join();
    }

    private static String location() {
        return Path.of(java.net.URI.create(Trial.class
                        .getProtectionDomain()
                        .getCodeSource()
                        .getLocation()
                        .toString()))
                .toString();
    }
}
