package dev.holdfast.spi.driver;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Who is sent when, and with whom. */
class BatchesTest extends BatchesLab {
    @Test
    void whoFindsTheWayFreeIsSentAtOnceAndAlone() {
        CompletableFuture<Void> a = add("a");

        assertThat(sender.sent()).containsExactly("[a]");
        assertThat(a).isNotDone();
        sender.answer(0);
        assertThat(a).isCompleted();
    }

    @Test
    void whoComesMeanwhileSharesTheNextRequest() {
        CompletableFuture<Void> a = add("a");
        CompletableFuture<Void> b = add("b");
        CompletableFuture<Void> c = add("c");
        assertThat(sender.sent()).containsExactly("[a]");

        sender.answer(0);

        assertThat(sender.sent()).containsExactly("[a]", "[b, c]");
        assertThat(a).isCompleted();
        assertThat(b).isNotDone();
        sender.answer(1);
        assertThat(b).isCompleted();
        assertThat(c).isCompleted();
    }

    @Test
    void asManyRequestsAreUnderWayAsAllowed() {
        Batches<Write> two = new Batches<>(2, sender);
        List.of("a", "b", "c", "d").forEach(key -> start(two, key, "one"));
        assertThat(sender.sent()).containsExactly("[a]", "[b]");

        sender.answer(1);
        assertThat(sender.sent()).containsExactly("[a]", "[b]", "[c, d]");
        sender.answer(0);
        sender.answer(2);
        start(two, "e", "one");
        assertThat(sender.sent()).endsWith("[e]");
    }

    @Test
    void whatMayNotShareARequestHasOneOfItsOwn() {
        start(batches, "a", "one");
        start(batches, "b", "one");
        start(batches, "x", "other");
        IntStream.range(0, 4).forEach(i -> start(batches, "c" + i, "one"));

        sender.answer(0);
        sender.answer(1);
        sender.answer(2);

        assertThat(sender.sent()).containsExactly("[a]", "[b, c0, c1]", "[x]", "[c2, c3]");
    }

    @Test
    void whatGoesAloneWaitsForNobodyAndNobodyForIt() {
        start(batches, "a", "one");
        start(batches, "b", "one");

        start(batches, "c", "alone");
        start(batches, "d", "alone");

        assertThat(sender.sent()).containsExactly("[a]", "[c]", "[d]");
        sender.answer(1);
        assertThat(sender.sent()).as("the way is as busy as before").hasSize(3);
        sender.answer(0);
        assertThat(sender.sent()).containsExactly("[a]", "[c]", "[d]", "[b]");
    }

    @Test
    void whatGoesAloneOvertakesNoneWithItsKey() {
        start(batches, "a", "one");
        start(batches, "b", "one");

        start(batches, "a", "alone");
        start(batches, "b", "alone");

        assertThat(sender.sent()).containsExactly("[a]");
        sender.answer(0);
        assertThat(sender.sent()).containsExactly("[a]", "[b]");
        sender.answer(1);
        assertThat(sender.sent()).containsExactly("[a]", "[b]", "[a]");
        sender.answer(2);
        assertThat(sender.sent()).containsExactly("[a]", "[b]", "[a]", "[b]");
    }

    @Test
    void writesOfOneKeyKeepTheirOrderAndAreNeverUnderWayTogether() {
        Batches<Write> two = new Batches<>(2, sender);
        List.of("a", "a", "b", "a", "b").forEach(key -> start(two, key, "one"));
        assertThat(sender.sent()).containsExactly("[a]", "[b]");

        sender.answer(1);
        assertThat(sender.sent()).as("the second b, for an a is under way").endsWith("[b]");
        sender.answer(0);
        assertThat(sender.sent()).endsWith("[a]");
        sender.answer(3);
        assertThat(sender.sent()).containsExactly("[a]", "[b]", "[b]", "[a]", "[a]");
    }

    @Test
    void oneOfWhichTheKeyWaitsIsNotOvertakenByALaterOne() {
        Batches<Write> two = new Batches<>(2, sender);
        start(two, "a", "one");
        start(two, "b", "one");
        start(two, "c", "one");
        start(two, "k", "other");
        start(two, "k", "one");

        sender.answer(0);

        assertThat(sender.sent()).endsWith("[c]");
        sender.answer(1);
        assertThat(sender.sent()).endsWith("[k]");
        assertThat(sender.requests.get(3).get(0).group()).isEqualTo("other");
    }
}
