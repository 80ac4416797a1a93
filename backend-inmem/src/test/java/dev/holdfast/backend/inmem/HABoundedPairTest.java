package dev.holdfast.backend.inmem;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.ha.HAEvent.Kind;
import dev.holdfast.ha.HAStorage;
import dev.holdfast.ha.Term;
import dev.holdfast.spi.Backend;
import dev.holdfast.spi.BackendException;
import dev.holdfast.spi.Key;
import dev.holdfast.tck.PlainStorage;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Storage that cannot fence: how time stands in; {@link LostWriteTest} shows what for. */
class HABoundedPairTest {
    private static final Key X = Key.of("x");
    private static final Duration LOCK_DELAY = Duration.ofMillis(1_600);

    @RegisterExtension
    final HALab lab = new HALab();

    @Test
    void anActiveThatEndedCleanlyIsSucceededAtOnce() {
        HALab.Node a = lab.boundedNode("a", Duration.ofSeconds(60)).start();
        a.active().storage().put(Lab.entry("x", "of a"));
        a.node.close();
        HALab.Node b = lab.boundedNode("b", Duration.ofSeconds(60)).start();
        assertThat(b.active().storage().get(X)).contains(Lab.entry("x", "of a"));
        assertThat(b.had(Kind.LOCK_DELAY)).isFalse();
    }

    @Test
    void anActiveWhoseLastWriteMayStillArriveDidNotEndCleanly() throws Exception {
        HALab.Node a = lab.boundedNode("a", LOCK_DELAY).start();
        Term term = a.active();
        a.dataLink().dropNextReply();
        CompletableFuture<Void> unanswered = Lab.inBackground(() -> {
            while (true) {
                a.dataLink().dropNextReply(); // the probe of storage may take one
                term.storage().put(Lab.entry("x", "unanswered"));
            }
        });
        assertThat(unanswered.handle((done, failure) -> failure).get())
                .isInstanceOf(BackendException.OutcomeUnknown.class);
        a.node.close();
        HALab.Node b = lab.boundedNode("b", LOCK_DELAY).start();
        b.active();
        assertThat(b.had(Kind.LOCK_DELAY)).isTrue();
    }

    @Test
    void aWriteIsCutAtTheDeadlineOfThePairWhateverTheBackendsOwnIs() {
        Lab patient = new Lab().with("request_timeout", "30s");
        Backend slow = new PlainStorage(patient.open("a"));
        try (HAStorage pair = HALab.builder(slow, lab.locks.open("a")).build();
                var node = dev.holdfast.ha.HANode.of(pair, HALab.LOCK, "a").start()) {
            Lab.await("active", () -> node.term().isPresent());
            Term term = node.term().orElseThrow();
            patient.link("a").blackHole();
            long began = System.nanoTime();
            assertThatThrownBy(() -> term.storage().put(Lab.entry("x", "never")))
                    .isInstanceOf(BackendException.class);
            assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(5));
            assertThat(Thread.currentThread().isInterrupted()).isFalse();
            patient.link("a").heal();
        } finally {
            slow.close();
        }
    }
}
