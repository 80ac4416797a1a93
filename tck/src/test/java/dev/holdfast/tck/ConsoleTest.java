package dev.holdfast.tck;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What whoever watches a run sees while nothing is done yet. */
@Timeout(60)
class ConsoleTest {
    private final ByteArrayOutputStream seen = new ByteArrayOutputStream();

    private Console console(boolean terminal) {
        return new Console(terminal, "", new PrintStream(seen, true, StandardCharsets.UTF_8));
    }

    private void await(String text) {
        while (!seen.toString(StandardCharsets.UTF_8).contains(text)) {
            Thread.onSpinWait();
        }
    }

    /** Whose store does not start before somebody was told that it is waited for. */
    private final class Slow implements Harness {
        @Override
        public String type() {
            return "fake";
        }

        @Override
        public void start() {
            await("until fake has started and answers, 2 s");
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
            await(check.name() + ", 2 s");
        }
        assertThat(seen.toString(StandardCharsets.UTF_8)).endsWith("\r").doesNotContain("\n");
    }

    @Test
    void aCheckThatWaitsForItsTurnIsNotMadeOutToBeTheSlowOne() {
        Check check = Check.of(Rule.KV_01).get(0);
        AtomicInteger others = new AtomicInteger(7);
        try (Console console = console(false)) {
            console.checkingBeside(check, others::get);
            await(check.name() + ", beside 7 more, 2 s");
        }
    }
}
