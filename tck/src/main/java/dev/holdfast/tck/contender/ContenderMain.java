package dev.holdfast.tck.contender;

import dev.holdfast.spi.BackendException;
import dev.holdfast.spi.Backends;
import dev.holdfast.spi.HABackend;
import dev.holdfast.spi.HALock;
import dev.holdfast.spi.Key;
import dev.holdfast.spi.Lease;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * One contender. It is told what to do on standard input and says on standard output what happened.
 *
 * <p>Input: the type, the lock, the value, then the backend's options as {@code key=value}, one a line, then an empty
 * line; secrets therefore show in no list of processes. Then commands: {@code acquire}, {@code try MILLIS}, {@code rival MILLIS} (another client of this
 * process),
 * {@code release}, {@code held}, {@code guard}, {@code guarded}, {@code churn MILLIS}. The end of input closes the
 * backend and ends the process.
 *
 * <p>Output: {@code ready}, then a line for each event: its name and its times on {@link System#nanoTime()}, see
 * {@link ContenderEvent}.
 */
public final class ContenderMain {
    private static final Duration WARM_UP = Duration.ofSeconds(50);
    private static final long GUARD_NANOS = TimeUnit.MICROSECONDS.toNanos(200);

    private final PrintStream out;
    private final HALock lock;
    private volatile @Nullable Lease lease;
    private volatile long lastGuarded = Long.MIN_VALUE;
    private final AtomicBoolean guarding = new AtomicBoolean();

    private final Supplier<HALock> openRival;
    private @Nullable HALock rival;

    private ContenderMain(PrintStream out, HALock lock, Supplier<HALock> openRival) {
        this.out = out;
        this.lock = lock;
        this.openRival = openRival;
    }

    /** Runs until standard input ends. */
    public static void main(String[] args) throws IOException, InterruptedException {
        PrintStream events = System.out;
        System.setOut(System.err); // whatever a library prints is no event
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        String type = in.readLine();
        Key key = Key.of(in.readLine());
        String value = in.readLine();
        Map<String, String> options = new HashMap<>();
        for (String line = in.readLine(); line != null && !line.isEmpty(); line = in.readLine()) {
            int equals = line.indexOf('=');
            options.put(line.substring(0, equals), line.substring(equals + 1));
        }
        Supplier<HABackend> open = () -> (HABackend) Backends.load().open(type, options);
        try (HABackend backend = open.get()) {
            ContenderMain contender = new ContenderMain(
                    events, backend.lock(key, value), () -> open.get().lock(key, "rival"));
            contender.warmUp();
            contender.say("ready", System.nanoTime());
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                contender.obey(line.split(" ", -1));
            }
        }
        System.exit(0); // whatever a client library may have left behind
    }

    /** A JVM that has just started, next to others that have, may need longer for its first answer than one call may. */
    private void warmUp() {
        long end = System.nanoTime() + WARM_UP.toNanos();
        while (true) {
            try {
                var unused = lock.holder();
                return;
            } catch (BackendException.Unavailable e) {
                if (System.nanoTime() - end > 0) {
                    throw e;
                }
            }
        }
    }

    private void obey(String[] command) throws InterruptedException {
        try {
            switch (command[0]) {
                case "acquire" -> acquire(Optional.empty());
                case "try" -> acquire(Optional.of(Duration.ofMillis(Long.parseLong(command[1]))));
                case "rival" -> rival(Duration.ofMillis(Long.parseLong(command[1])));
                case "release" -> release();
                case "held" -> held();
                case "guard" -> guard();
                case "guarded" -> say("guarded", System.nanoTime(), lastGuarded);
                case "churn" -> churn(TimeUnit.MILLISECONDS.toNanos(Long.parseLong(command[1])));
                default -> throw new IllegalArgumentException("unknown command " + command[0]);
            }
        } catch (RuntimeException e) {
            say("error", System.nanoTime(), 0, e.toString().replace('\n', ' '));
        }
    }

    /** Another client of the same store tries, and stays open when it wins. */
    private void rival(Duration timeout) throws InterruptedException {
        if (rival == null) {
            rival = openRival.get();
        }
        Optional<Lease> won = rival.tryAcquire(timeout);
        won.ifPresentOrElse(
                lease -> say("won", System.nanoTime(), lease.token(), String.valueOf(System.nanoTime())),
                () -> say("none", System.nanoTime()));
    }

    private void acquire(Optional<Duration> timeout) throws InterruptedException {
        long asked = System.nanoTime();
        Optional<Lease> won = timeout.isPresent() ? lock.tryAcquire(timeout.get()) : Optional.of(lock.acquire());
        long at = System.nanoTime();
        if (won.isEmpty()) {
            say("none", at);
            return;
        }
        Lease mine = won.get();
        lease = mine;
        var unused = mine.lost()
                .thenAccept(loss -> say("lost", System.nanoTime(), mine.token(), loss.reason() + " " + loss.detail()));
        say("won", at, mine.token(), String.valueOf(asked));
    }

    private void release() {
        Lease held = lease;
        if (held != null) {
            long before = System.nanoTime();
            held.release();
            say("released", before, held.token());
        }
    }

    private void held() {
        Lease held = lease;
        long before = System.nanoTime();
        boolean answer = held != null && held.isHeld();
        say("held", before, held == null ? 0 : held.remaining().toMillis(), String.valueOf(answer));
    }

    /** From now on does something guarded by the lease as often as it can, and remembers when it began the last. */
    private void guard() {
        if (guarding.compareAndSet(false, true)) {
            Thread thread = new Thread(
                    () -> {
                        while (true) {
                            long before = System.nanoTime();
                            Lease held = lease;
                            if (held != null && held.isHeld()) {
                                lastGuarded = before;
                            }
                            LockSupport.parkNanos(GUARD_NANOS);
                        }
                    },
                    "guard");
            thread.setDaemon(true);
            thread.start();
        }
    }

    /** Acquires and releases again and again; each interval reported was certainly held from its start to its end. */
    private void churn(long nanos) throws InterruptedException {
        long end = System.nanoTime() + nanos;
        while (System.nanoTime() - end < 0) {
            Optional<Lease> won = tryAcquire();
            if (won.isPresent()) {
                long from = System.nanoTime();
                long until = from;
                for (int look = 0; look < 3; look++) {
                    long before = System.nanoTime();
                    if (won.get().isHeld()) {
                        until = before;
                    }
                    LockSupport.parkNanos(GUARD_NANOS);
                }
                say("interval", from, won.get().token(), String.valueOf(until));
                release(won.get());
            }
        }
        say("churned", System.nanoTime());
    }

    private Optional<Lease> tryAcquire() throws InterruptedException {
        try {
            return lock.tryAcquire(Duration.ofSeconds(1));
        } catch (BackendException.Unavailable e) {
            return Optional.empty(); // the machine is busy; what counts is who holds the lock
        }
    }

    private static void release(Lease lease) {
        try {
            lease.release();
        } catch (BackendException.Unavailable | BackendException.OutcomeUnknown e) {
            // goes on in the background
        }
    }

    private void say(String event, long at) {
        say(event, at, 0, "");
    }

    private void say(String event, long at, long number) {
        say(event, at, number, "");
    }

    private void say(String event, long at, long number, String text) {
        out.println(event + " " + at + " " + number + " " + text);
        out.flush();
    }
}
