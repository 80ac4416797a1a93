package dev.holdfast.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

class JvmTest {
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    @TempDir
    Path directory;

    /** Says {@code ready}, prints and logs more than a pipe takes, and then leaves a file. */
    static final class Chatty {
        private Chatty() {}

        public static void main(String[] args) throws IOException {
            PrintStream voice = Jvm.voice();
            System.out.println("ready not yet");
            voice.println("ready 3");
            for (int i = 0; i < 10_000; i++) {
                System.out.println("what a library prints, that nobody reads: " + i);
                LoggerFactory.getLogger("io.grpc").info("what a library logs, that nobody reads: {}", i);
            }
            Files.createFile(Path.of(args[0]));
        }
    }

    /** Says nothing. */
    static final class Silent {
        private Silent() {}

        public static void main(String[] args) throws Exception {
            TimeUnit.MINUTES.sleep(5);
        }
    }

    @Test
    void nothingThatNobodyReadsKeepsItFromGoingOn() throws Exception {
        Path left = directory.resolve("left");
        try (Jvm jvm = new Jvm(List.of(), Chatty.class, List.of(left.toString()))) {
            assertThat(jvm.said("ready", PATIENCE)).isEqualTo("3");
            long end = System.nanoTime() + PATIENCE.toNanos();
            while (!Files.exists(left)) {
                assertThat(System.nanoTime() - end).as("still printing").isNegative();
                TimeUnit.MILLISECONDS.sleep(20);
            }
        }
    }

    @Test
    void oneThatSaysNothingIsNotWaitedForForEver() throws Exception {
        try (Jvm jvm = new Jvm(List.of(), Silent.class, List.of())) {
            assertThatThrownBy(() -> jvm.said("ready", Duration.ofSeconds(1)))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("Silent ended without saying 'ready'");
        }
    }
}
