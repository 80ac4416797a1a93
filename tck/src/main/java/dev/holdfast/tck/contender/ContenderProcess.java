package dev.holdfast.tck.contender;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;

/** A contender in a JVM of its own, with this JVM's class path. */
public final class ContenderProcess implements AutoCloseable {
    /** A client library is seconds of processor time for a JVM that has just started, and many may start at once. */
    private static final Duration START = Duration.ofSeconds(60);

    private final String name;
    private final Process process;
    private final PrintStream commands;
    private final Path errors;
    private final List<ContenderEvent> events = new CopyOnWriteArrayList<>();

    private ContenderProcess(String name, Process process, Path errors) {
        this.name = name;
        this.process = process;
        this.errors = errors;
        this.commands = new PrintStream(process.getOutputStream(), true, StandardCharsets.UTF_8);
        Thread reader = new Thread(this::read, "holdfast-tck-contender-" + name);
        reader.setDaemon(true);
        reader.start();
    }

    /**
     * Starts one; it is not waited for, so that several can start together.
     *
     * @param name its name, and the value that it gives to the lock
     * @param environment further environment variables
     */
    public static ContenderProcess start(
            String name, String type, Map<String, String> options, String lock, Map<String, String> environment) {
        // Under another clock the archive's jars seem to have changed since it was made.
        Optional<ClassArchive> archive = environment.isEmpty() ? ClassArchive.ready(type) : Optional.empty();
        List<String> classes = archive.map(ClassArchive::arguments)
                .orElseGet(() -> List.of("-cp", System.getProperty("java.class.path")));
        return start(name, type, options, lock, environment, classes);
    }

    static ContenderProcess start(
            String name,
            String type,
            Map<String, String> options,
            String lock,
            Map<String, String> environment,
            List<String> classes) {
        try {
            Path errors = Files.createTempFile("holdfast-contender-", ".log");
            errors.toFile().deleteOnExit(); // should nobody come to close it
            List<String> command = new ArrayList<>(List.of(
                    Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                    "-Xmx256m",
                    "-XX:TieredStopAtLevel=1", // starts faster, and none lives long
                    "-XX:+UseSerialGC", // the same
                    "-Xlog:disable", // standard output is for events
                    "-Xlog:all=error:stderr"));
            command.addAll(classes);
            command.add(ContenderMain.class.getName());
            ProcessBuilder builder = new ProcessBuilder(command).redirectError(errors.toFile());
            builder.environment().putAll(environment);
            ContenderProcess contender = new ContenderProcess(name, builder.start(), errors);
            contender.commands.println(type);
            contender.commands.println(lock);
            contender.commands.println(name);
            options.forEach((key, value) -> contender.commands.println(key + "=" + value));
            contender.commands.println();
            return contender;
        } catch (IOException e) {
            throw new UncheckedIOException("cannot start a contender", e);
        }
    }

    /**
     * Begins to make what lets contenders of this type start faster, unless that has been begun.
     *
     * @return complete when it is made, or cannot be
     */
    public static CompletableFuture<?> prepare(String type, Map<String, String> options) {
        return ClassArchive.make(type, options);
    }

    /** Ends it with this JVM at the latest, should nobody come to close it. */
    void endWithThisJvm() {
        Runtime.getRuntime().addShutdownHook(new Thread(this::close, "holdfast-tck-contender-end"));
    }

    /** Lets it do what it was told and end; whether it did, in this time. */
    boolean endsWithin(long time, TimeUnit unit) throws InterruptedException {
        commands.close();
        return process.waitFor(time, unit) && process.exitValue() == 0;
    }

    /** Waits until it has opened its backend. */
    public ContenderProcess ready() throws InterruptedException {
        ContenderEvent unused = await("ready", START);
        return this;
    }

    /** The name it was given. */
    public String name() {
        return name;
    }

    /** What it said so far. */
    public List<ContenderEvent> events() {
        return List.copyOf(events);
    }

    /** Tells it something; see {@link ContenderMain}. */
    public void tell(String command) {
        commands.println(command);
    }

    /** Tells it something and waits for the event that answers it. */
    public ContenderEvent ask(String command, String event, Duration bound) throws InterruptedException {
        int before = events.size();
        tell(command);
        return await(event, before, bound);
    }

    /** Waits for the first event of this name. */
    public ContenderEvent await(String event, Duration bound) throws InterruptedException {
        return await(event, 0, bound);
    }

    private ContenderEvent await(String event, int from, Duration bound) throws InterruptedException {
        long end = System.nanoTime() + bound.toNanos();
        while (true) {
            List<ContenderEvent> all = events();
            for (ContenderEvent said : all.subList(Math.min(from, all.size()), all.size())) {
                if (said.name().equals(event)) {
                    return said;
                }
                if (said.name().equals("error")) {
                    throw new AssertionError("contender " + name + ", asked for '" + event + "', threw " + said.text());
                }
            }
            if (System.nanoTime() - end > 0) {
                throw new AssertionError("contender " + name + " did not say '" + event + "' within " + bound.toMillis()
                        + " ms; it said " + last(all) + errors() + threads());
            }
            Thread.sleep(1);
        }
    }

    private static String last(List<ContenderEvent> all) {
        return all.isEmpty() ? "nothing" : all.get(all.size() - 1).toString();
    }

    private String errors() {
        try {
            String text = Files.readString(errors).strip();
            return text.isEmpty() ? "" : "; its errors: " + text.substring(Math.max(0, text.length() - 2_000));
        } catch (IOException e) {
            return "";
        }
    }

    /** What it is doing instead, for the message that it did not do what it should. */
    private String threads() throws InterruptedException {
        if (!process.isAlive()) {
            return "; it ended with status " + process.exitValue();
        }
        try {
            Path dump = Files.createTempFile("holdfast-contender-", ".threads");
            Process jcmd = new ProcessBuilder(
                            Path.of(System.getProperty("java.home"), "bin", "jcmd")
                                    .toString(),
                            String.valueOf(process.pid()),
                            "Thread.print")
                    .redirectErrorStream(true)
                    .redirectOutput(dump.toFile())
                    .start();
            if (!jcmd.waitFor(10, TimeUnit.SECONDS)) {
                jcmd.destroyForcibly();
            }
            return "; what its threads do is in " + dump;
        } catch (IOException e) {
            return "; a dump of its threads could not be had: " + e.getMessage();
        }
    }

    /** SIGKILL; returns when it is dead. */
    public void kill() throws InterruptedException {
        process.destroyForcibly();
        process.waitFor();
        note("killed");
    }

    /** SIGSTOP. */
    public void pause() throws InterruptedException {
        signal("STOP");
        note("paused");
    }

    /** SIGCONT. */
    public void resume() throws InterruptedException {
        note("resumed");
        signal("CONT");
    }

    /** What was done to it stands among what it said. */
    private void note(String what) {
        events.add(new ContenderEvent(what, System.nanoTime(), 0, ""));
    }

    private void signal(String signal) throws InterruptedException {
        try {
            Process kill = new ProcessBuilder("kill", "-" + signal, String.valueOf(process.pid()))
                    .redirectErrorStream(true)
                    .redirectOutput(new File("/dev/null"))
                    .start();
            if (!kill.waitFor(5, TimeUnit.SECONDS) || kill.exitValue() != 0) {
                throw new IllegalStateException("could not send SIG" + signal + " to " + name);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot send signals", e);
        }
    }

    private void read() {
        try (BufferedReader in = process.inputReader(StandardCharsets.UTF_8)) {
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                events.add(ContenderEvent.parse(line));
            }
        } catch (IOException e) {
            // it was killed
        }
    }

    @Override
    public void close() {
        process.destroyForcibly();
        try {
            process.waitFor(10, TimeUnit.SECONDS);
            Files.deleteIfExists(errors);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (IOException e) {
            // a file in the folder for temporary files
        }
    }
}
