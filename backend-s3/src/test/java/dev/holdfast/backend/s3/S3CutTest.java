package dev.holdfast.backend.s3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.backend.s3.FakeS3.Flaw;
import dev.holdfast.backend.s3.FakeS3.SlowUpload;
import dev.holdfast.spi.Backend;
import dev.holdfast.spi.BackendException;
import dev.holdfast.spi.Backends;
import dev.holdfast.spi.Entry;
import dev.holdfast.spi.Key;
import dev.holdfast.spi.driver.Alarms;
import dev.holdfast.tck.faults.Link;
import dev.holdfast.tck.faults.TcpLink;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** A write that was given up goes no further: what had not reached the store by then never does. */
class S3CutTest {
    private static final Entry LARGE = Entry.of(Key.of("large"), new byte[4 << 20]);
    private static final Duration DEADLINE = Duration.ofSeconds(3);
    private static final Duration SLACK = Duration.ofMillis(500);

    /** Between client and store: a kernel with buffers of megabytes would have all of it at the store before the deadline. */
    private static final long BYTES_PER_SECOND = 400 << 10;

    /** How long the store takes for it: 4 KiB in 10 ms. */
    private static final Duration UNCUT = Duration.ofSeconds(10);

    private interface Write {
        void to(Backend backend);
    }

    private static void isCut(String requestTimeout, Write write) throws Exception {
        try (FakeS3 store = new FakeS3(Flaw.NONE);
                Link link = TcpLink.between(Backends.load().provider("s3").options(), store.options())) {
            Map<String, String> options = new HashMap<>(link.options());
            options.put("ha_enabled", "false");
            options.put("request_timeout", "30s");
            try (Backend first = Backends.load().open("s3", options)) {
                first.put(Entry.of(Key.of("first"), LARGE.value())); // what only a JVM's first one does takes long
            }
            options.put("request_timeout", requestTimeout);
            try (Backend backend = Backends.load().open("s3", options)) {
                assertThat(backend.get(LARGE.key())).isEmpty();
                link.throttle(BYTES_PER_SECOND);
                SlowUpload upload = store.uploadSlowly();
                long began = System.nanoTime();
                assertThatThrownBy(() -> write.to(backend)).isInstanceOf(BackendException.OutcomeUnknown.class);
                assertThat(upload.begun())
                        .as("the store began to take it in, so there is something to cut")
                        .isDone();
                Duration lasted = Duration.ofNanos(upload.gone().get(20, TimeUnit.SECONDS) - began);
                assertThat(lasted).isBetween(DEADLINE.minus(SLACK), DEADLINE.plus(UNCUT.dividedBy(2)));
                link.heal();
                assertThat(backend.get(LARGE.key())).isEmpty();
            }
        }
    }

    @Test
    void atTheDeadlineOfTheCall() throws Exception {
        isCut(DEADLINE.toMillis() + "ms", backend -> backend.put(LARGE));
    }

    /** As {@code dev.holdfast.ha} does for a pair whose deadline is shorter than the backend's own. */
    @Test
    void whenItsThreadIsInterrupted() throws Exception {
        try (Alarms alarms = new Alarms("cut-test")) {
            isCut("30s", backend -> {
                var unused = alarms.within(DEADLINE, () -> {
                    backend.put(LARGE);
                    return null;
                });
            });
        }
    }
}
