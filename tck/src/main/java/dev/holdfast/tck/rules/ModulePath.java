package dev.holdfast.tck.rules;

import dev.holdfast.spi.Backends;
import dev.holdfast.tck.FolderJar;
import dev.holdfast.tck.ModulePathFile;
import dev.holdfast.tck.Trial;
import dev.holdfast.tck.UnverifiedException;
import java.io.File;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.jar.Attributes;
import java.util.stream.Collectors;

/** A backend, every other one that is known here, and what they need, as modules of another JVM. */
record ModulePath(Trial trial, List<Path> entries) {
    static ModulePath of(Trial trial) {
        List<Path> own = trial.harness()
                .modulePath()
                .orElseThrow(() -> new UnverifiedException("the harness does not name the backend's module path"));
        Map<String, Path> all = new LinkedHashMap<>();
        own.forEach(entry -> all.putIfAbsent(name(entry), entry));
        for (String type : Backends.load().types()) {
            if (!type.equals(trial.harness().type())) {
                ModulePathFile.of(Backends.load().provider(type).getClass())
                        .filter(more -> !more.get(0).endsWith("test-classes")) // somebody's tests are no backend
                        .ifPresent(more -> more.forEach(entry -> all.putIfAbsent(name(entry), entry)));
            }
        }
        return new ModulePath(trial, List.copyOf(all.values()));
    }

    /** Two backends need many of the same jars, and a module may be there once. */
    private static String name(Path entry) {
        return entry.toString().endsWith(".jar") ? entry.getFileName().toString() : entry.toString();
    }

    /** What the probe printed, errors included. */
    String probe() throws IOException, InterruptedException {
        List<String> command = List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--module-path",
                modules().stream().map(Path::toString).collect(Collectors.joining(File.pathSeparator)),
                "--add-modules",
                "ALL-MODULE-PATH",
                "-cp",
                location(),
                "dev.holdfast.tck.ModuleProbe");
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        trial.keep(process::destroyForcibly);
        try (PrintStream to = new PrintStream(process.getOutputStream(), true, StandardCharsets.UTF_8)) {
            to.println(trial.harness().type());
            trial.options().forEach((name, value) -> to.println(name + "=" + value));
        }
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

    /** The entries; a folder that is no module becomes a jar, because only jars can be automatic modules. */
    private List<Path> modules() throws IOException {
        List<Path> modules = new ArrayList<>();
        for (Path entry : entries) {
            boolean plain = Files.isDirectory(entry) && Files.notExists(entry.resolve("module-info.class"));
            modules.add(plain ? jar(entry, modules.size()) : entry);
        }
        return modules;
    }

    private Path jar(Path folder, int number) throws IOException {
        Path jar = Files.createTempFile("holdfast-module-", ".jar");
        trial.keep(() -> Files.deleteIfExists(jar));
        Attributes attributes = new Attributes();
        attributes.putValue("Automatic-Module-Name", "backend.under.test" + number);
        FolderJar.write(folder, jar, attributes);
        return jar;
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
