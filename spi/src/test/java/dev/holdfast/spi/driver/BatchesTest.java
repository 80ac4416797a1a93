package dev.holdfast.spi.driver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class BatchesTest {
    private final Exception refused = new IllegalArgumentException("refused");
    private final Exception lost = new IllegalStateException("the connection was lost");

    private final FakeSender sender = new FakeSender();
    private final Batches<Write> batches = new Batches<>(1, sender);

    /** A write to a key; those of one group may share a request. */
    private record Write(String key, String group) {
        @Override
        public String toString() {
            return key;
        }
    }

    /** Sends to nowhere; a test answers. */
    private static final class FakeSender implements Batches.Sender<Write> {
        final List<List<Write>> requests = new ArrayList<>();
        final List<CompletableFuture<Void>> answers = new ArrayList<>();
        final List<String> expired = new ArrayList<>();

        @Nullable
        Exception failsAtOnce;

        @Override
        public Object subject(Write write) {
            return write.key();
        }

        @Override
        public boolean mayJoin(List<Write> others, Write write) {
            return others.size() < 3 && others.get(0).group().equals(write.group());
        }

        @Override
        public CompletableFuture<Void> send(List<Write> writes) {
            requests.add(writes);
            CompletableFuture<Void> answer = new CompletableFuture<>();
            answers.add(answer);
            if (failsAtOnce != null) {
                answer.completeExceptionally(failsAtOnce);
            }
            return answer;
        }

        @Override
        public @Nullable Throwable expired(Write write) {
            return expired.contains(write.key()) ? new IllegalStateException("too late") : null;
        }

        @Override
        public boolean isOnesOwn(Throwable failure) {
            return failure instanceof IllegalArgumentException;
        }

        List<String> sent() {
            return requests.stream().map(Object::toString).toList();
        }

        void answer(int request) {
            answers.get(request).complete(null);
        }

        void fail(int request, Exception failure) {
            answers.get(request).completeExceptionally(failure);
        }
    }

    private CompletableFuture<Void> add(String key) {
        return batches.add(new Write(key, "one"));
    }

    private static void start(Batches<Write> to, String key, String group) {
        var unused = to.add(new Write(key, group));
    }

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
