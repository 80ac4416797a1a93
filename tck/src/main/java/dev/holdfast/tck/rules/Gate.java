package dev.holdfast.tck.rules;

import dev.holdfast.spi.Backend;
import dev.holdfast.spi.BackendException;
import dev.holdfast.spi.Capability;
import dev.holdfast.spi.Entry;
import dev.holdfast.spi.FencingBackend;
import dev.holdfast.spi.Key;
import dev.holdfast.spi.Limits;
import dev.holdfast.spi.Operation;
import dev.holdfast.spi.Prefix;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Storage behind a gate, for a store of a pair that the harness has no link to: open, or shut so that every call fails at
 * its deadline, or holding writes back until it opens. A view passes the gate that its client passes.
 */
class Gate implements FencingBackend {
    private enum State {
        OPEN,
        SHUT,
        HOLDING
    }

    private static final class Bar {
        final ReentrantLock lock = new ReentrantLock();
        final Condition changed = lock.newCondition();
        final Duration timeout;
        State state = State.OPEN;

        Bar(Duration timeout) {
            this.timeout = timeout;
        }
    }

    private final Backend behind;
    private final Bar bar;

    Gate(Backend behind, Duration requestTimeout) {
        this(behind, new Bar(requestTimeout));
    }

    private Gate(Backend behind, Bar bar) {
        this.behind = behind;
        this.bar = bar;
    }

    void open() {
        change(State.OPEN);
    }

    void shut() {
        change(State.SHUT);
    }

    void hold() {
        change(State.HOLDING);
    }

    private void change(State next) {
        bar.lock.lock();
        try {
            bar.state = next;
            bar.changed.signalAll();
        } finally {
            bar.lock.unlock();
        }
    }

    private <T extends @Nullable Object> T pass(String action, Object subject, boolean write, Supplier<T> call) {
        Operation operation = Operation.at("gate", behind.toString()).on(action, subject);
        bar.lock.lock();
        try {
            long left = bar.timeout.toNanos();
            while (bar.state == State.SHUT || (bar.state == State.HOLDING && write)) {
                if (bar.state == State.SHUT && left <= 0) {
                    throw new BackendException.Unavailable(operation, "the gate is shut", null);
                }
                // A write that is held back is on its way: it arrives however late it is.
                left = bar.changed.awaitNanos(bar.state == State.HOLDING ? TimeUnit.SECONDS.toNanos(60) : left);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new BackendException.Unavailable(operation, "interrupted at the gate", null);
        } finally {
            bar.lock.unlock();
        }
        return call.get();
    }

    private void pass(String action, Object subject, Runnable call) {
        this.<@Nullable Void>pass(action, subject, true, () -> {
            call.run();
            return null;
        });
    }

    @Override
    public Optional<Entry> get(Key key) {
        return pass("get", key, false, () -> behind.get(key));
    }

    @Override
    public List<String> list(Prefix prefix, String after, int limit) {
        return pass("list", prefix, false, () -> behind.list(prefix, after, limit));
    }

    @Override
    public void put(Entry entry) {
        pass("put", entry.key(), () -> behind.put(entry));
    }

    @Override
    public void delete(Key key) {
        pass("delete", key, () -> behind.delete(key));
    }

    @Override
    public Backend fence(long token) {
        return pass("fence", token, true, () -> new Gate(((FencingBackend) behind).fence(token), bar));
    }

    @Override
    public Limits limits() {
        return behind.limits();
    }

    @Override
    public Set<Capability> capabilities() {
        Set<Capability> rest = EnumSet.noneOf(Capability.class);
        rest.addAll(behind.capabilities());
        rest.remove(Capability.LOCKS);
        rest.remove(Capability.WATCHES);
        rest.remove(Capability.TRANSACTIONS);
        return rest;
    }

    @Override
    public void close() {
        behind.close();
    }

    @Override
    public String toString() {
        return behind.toString();
    }
}
