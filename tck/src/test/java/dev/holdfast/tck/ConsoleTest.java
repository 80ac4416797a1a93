package dev.holdfast.tck;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What whoever watches a run sees while nothing is done yet. */
@Timeout(60)
class ConsoleTest {
    private final ByteArrayOutputStream seen = new ByteArrayOutputStream();

    private Console console(boolean terminal) {
        return new Console(terminal, "", new PrintStream(seen, true, StandardCharsets.UTF_8));
    }

    /** Waits until it is said how long something has taken, which is after 2 s at the earliest; a tick may be late. */
    private void await(String what) {
        Pattern said = Pattern.compile(Pattern.quote(what) + ", (\\d+) s");
        long start = System.nanoTime();
        Matcher found = said.matcher(seen.toString(StandardCharsets.UTF_8));
        while (!found.find()) {
            assertThat(Duration.ofNanos(System.nanoTime() - start))
                    .as("in time: \"%s\"; so far \"%s\"", what, seen)
                    .isLessThan(Duration.ofSeconds(30));
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(10));
            found = said.matcher(seen.toString(StandardCharsets.UTF_8));
        }
        assertThat(Integer.parseInt(found.group(1))).isGreaterThanOrEqualTo(2);
    }

    /** Whose store does not start before somebody was told that it is waited for. */
    private final class Slow implements Harness {
        @Override
        public String type() {
            return "fake";
        }

        @Override
        public void start() {
            await("until fake has started and answers");
        }

        @Override
        public Map<String, String> options() {
            return Map.of();
        }
    }

    @Test
    void aStoreThatIsSlowToStartIsSeenToBeWaitedFor() {
        try (Console console = console(false);
                Kit kit = console.open(new Slow(), 42L)) {
            assertThat(kit.seed()).isEqualTo(42);
        }
    }

    @Test
    void aRunWithoutLinesShowsOnATerminalWhatItDoesAndLeavesNothingOfIt() {
        Check check = Check.of(Rule.KV_01).get(0);
        try (Console console = console(true)) {
            console.withoutLines().checking(check);
            await(check.name());
        }
        assertThat(seen.toString(StandardCharsets.UTF_8)).endsWith("\r").doesNotContain("\n");
    }

    @Test
    void aCheckThatWaitsForItsTurnIsNotMadeOutToBeTheSlowOne() {
        Check check = Check.of(Rule.KV_01).get(0);
        AtomicInteger others = new AtomicInteger(7);
        try (Console console = console(false)) {
            console.checkingBeside(check, others::get);
            await(check.name() + ", beside 7 more");
        }
    }
}
