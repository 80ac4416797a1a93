package dev.holdfast.tck.rules;

import static dev.holdfast.tck.rules.Data.bytes;
import static dev.holdfast.tck.rules.Data.key;

import dev.holdfast.spi.Backend;
import dev.holdfast.spi.Capability;
import dev.holdfast.spi.Entry;
import dev.holdfast.spi.FencingBackend;
import dev.holdfast.spi.HABackend;
import dev.holdfast.spi.Mutation;
import dev.holdfast.spi.Prefix;
import dev.holdfast.spi.TransactionalBackend;
import dev.holdfast.tck.Trial;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Every kind of call that an instance offers, for checks that must try them all. */
final class Calls {
    /** A call, and whether it may change something. */
    record Call(String name, boolean write, Action action) {
        @Override
        public String toString() {
            return name;
        }
    }

    @FunctionalInterface
    interface Action {
        void run() throws InterruptedException;
    }

    private Calls() {}

    /** One call of each kind; they touch keys below {@code at} and a lock of that name only. */
    static List<Call> of(Backend backend, String at) {
        List<Call> calls = new ArrayList<>(storage(backend, at));
        if (backend.capabilities().contains(Capability.LOCKS)) {
            HABackend ha = (HABackend) backend;
            calls.add(new Call("holder", false, () -> {
                var unused = ha.lock(key(at), "kit").holder();
            }));
            calls.add(new Call(
                    "acquire",
                    false,
                    () -> ha.lock(key(at), "kit")
                            .tryAcquire(Duration.ofSeconds(30))
                            .orElseThrow(() -> new AssertionError("acquire found the lock taken"))
                            .release()));
        }
        return calls;
    }

    /** As {@link #of}, without locks. */
    static List<Call> storage(Backend backend, String at) {
        List<Call> calls = new ArrayList<>();
        calls.add(new Call("get", false, () -> {
            var unused = backend.get(key(at + "/get"));
        }));
        calls.add(new Call("list", false, () -> {
            var unused = backend.list(Prefix.of(at + "/"), "", 10);
        }));
        calls.add(new Call("put", true, () -> backend.put(Entry.of(key(at + "/put"), bytes("1")))));
        calls.add(new Call("delete", true, () -> backend.delete(key(at + "/delete"))));
        if (backend.capabilities().contains(Capability.TRANSACTIONS)) {
            calls.add(new Call(
                    "commit",
                    true,
                    () -> ((TransactionalBackend) backend)
                            .commit(List.of(new Mutation.Put(Entry.of(key(at + "/commit"), bytes("1")))))));
        }
        if (backend.capabilities().contains(Capability.FENCING)) {
            calls.add(new Call("fence", true, () -> {
                var unused = ((FencingBackend) backend).fence(1);
            }));
        }
        return calls;
    }

    /** Makes the call; null when it returned normally. */
    static @Nullable Throwable thrownBy(Call call) {
        try {
            call.action().run();
            return null;
        } catch (Exception | AssertionError e) {
            return e;
        }
    }

    /** Requires every call to work again soon, as far as this machine lets that be told. */
    static void recovers(Trial trial, Backend backend, String at, String when) throws InterruptedException {
        Duration bound = trial.requestTimeout().plusSeconds(5);
        long start = System.nanoTime();
        for (Call call : of(backend, at)) {
            for (Throwable last = thrownBy(call); last != null; last = thrownBy(call)) {
                if (System.nanoTime() - start > bound.toNanos()) {
                    String what =
                            call + " " + when + " does not work again within " + bound + ", its last answer: " + last;
                    throw trial.machine().tooLate(what, bound, start);
                }
                Thread.sleep(5);
            }
        }
    }
}
