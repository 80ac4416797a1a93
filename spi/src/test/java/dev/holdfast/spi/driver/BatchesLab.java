package dev.holdfast.spi.driver;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** Batches that are sent to nowhere; a test answers. */
abstract class BatchesLab {
    final Exception refused = new IllegalArgumentException("refused");
    final Exception lost = new IllegalStateException("the connection was lost");

    final FakeSender sender = new FakeSender();
    final Batches<Write> batches = new Batches<>(1, sender);

    /** A write to a key; those of one group may share a request. */
    record Write(String key, String group) {
        @Override
        public String toString() {
            return key;
        }
    }

    /** Sends to nowhere; a test answers. */
    static final class FakeSender implements Batches.Sender<Write> {
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
        public Batches.Room<Write> room(Write first) {
            AtomicInteger writes = new AtomicInteger(1);
            return write -> !goesAlone(write)
                    && first.group().equals(write.group())
                    && writes.get() < 3
                    && writes.incrementAndGet() > 0;
        }

        @Override
        public boolean goesAlone(Write write) {
            return write.group().equals("alone");
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

    CompletableFuture<Void> add(String key) {
        return batches.add(new Write(key, "one"));
    }

    static void start(Batches<Write> to, String key, String group) {
        var unused = to.add(new Write(key, group));
    }
}
