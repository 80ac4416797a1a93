package dev.holdfast.spi.driver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What becomes of writes that are refused, lost, late or given up. */
class BatchesFailureTest extends BatchesLab {
    @Test
    void aWriteThatIsRefusedFailsNoneOfItsNeighbours() {
        start(batches, "a", "one");
        CompletableFuture<Void> b = add("b");
        CompletableFuture<Void> c = add("c");
        CompletableFuture<Void> d = add("d");
        sender.answer(0);

        sender.fail(1, refused);

        assertThat(sender.sent()).containsExactly("[a]", "[b, c, d]", "[b]", "[c]", "[d]");
        start(batches, "e", "one");
        sender.answer(2);
        sender.fail(3, refused);
        assertThat(b).isCompleted();
        assertThatThrownBy(c::join).hasCause(refused);
        assertThat(d).isNotDone();
        assertThat(sender.requests).as("they count as one request").hasSize(5);
        sender.answer(4);
        assertThat(d).isCompleted();
        assertThat(sender.sent()).endsWith("[e]");
    }

    @Test
    void oneThatIsRefusedAloneIsNotSentAgain() {
        CompletableFuture<Void> a = add("a");

        sender.fail(0, refused);

        assertThatThrownBy(a::join).hasCause(refused);
        assertThat(sender.requests).hasSize(1);
    }

    @Test
    void whenNothingIsKnownNobodyKnowsAnythingAndNothingIsSentAgain() {
        start(batches, "a", "one");
        CompletableFuture<Void> b = add("b");
        CompletableFuture<Void> c = add("c");
        sender.answer(0);

        sender.fail(1, lost);

        assertThatThrownBy(b::join).hasCause(lost);
        assertThatThrownBy(c::join).hasCause(lost);
        assertThat(sender.requests).hasSize(2);
        start(batches, "d", "one");
        assertThat(sender.sent()).endsWith("[d]");
    }

    @Test
    void whoGivesUpWhileItWaitsIsNotSent() {
        start(batches, "a", "one");
        CompletableFuture<Void> b = add("b");
        start(batches, "c", "one");

        b.cancel(false);
        sender.answer(0);

        assertThat(sender.sent()).containsExactly("[a]", "[c]");
    }

    @Test
    void whoWaitedForTooLongIsToldSoAndNotSent() {
        start(batches, "a", "one");
        CompletableFuture<Void> b = add("b");
        start(batches, "c", "one");
        sender.expired.add("b");

        sender.answer(0);

        assertThatThrownBy(b::join).hasMessageContaining("too late");
        assertThat(sender.sent()).containsExactly("[a]", "[c]");
    }

    @Test
    void aRequestIsGivenUpWhenNobodyIsInterestedAnyMore() {
        start(batches, "a", "one");
        CompletableFuture<Void> b = add("b");
        CompletableFuture<Void> c = add("c");
        sender.answer(0);

        b.cancel(false);
        assertThat(sender.answers.get(1)).isNotDone();
        c.cancel(false);

        assertThat(sender.answers.get(1)).isCancelled();
        start(batches, "d", "one");
        assertThat(sender.sent()).endsWith("[d]");
    }

    @Test
    void whoGaveUpIsNotSentAgainAfterARefusal() {
        start(batches, "a", "one");
        CompletableFuture<Void> b = add("b");
        CompletableFuture<Void> c = add("c");
        sender.answer(0);
        b.cancel(false);

        sender.fail(1, refused);

        assertThat(sender.sent()).containsExactly("[a]", "[b, c]", "[c]");
        sender.answer(2);
        assertThat(c).isCompleted();
        start(batches, "d", "one");
        assertThat(sender.sent()).endsWith("[d]");
    }

    @Test
    void manyThatFailAtOnceFailOneAfterTheOther() {
        CompletableFuture<Void> first = add("first");
        List<CompletableFuture<Void>> rest = IntStream.range(0, 20_000)
                .mapToObj(i -> batches.add(new Write("k" + i, "group " + i % 2)))
                .toList();
        sender.failsAtOnce = lost;

        sender.fail(0, lost);

        assertThat(first).isCompletedExceptionally();
        assertThat(rest).allMatch(CompletableFuture::isCompletedExceptionally);
    }
}
