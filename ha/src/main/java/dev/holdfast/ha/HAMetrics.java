package dev.holdfast.ha;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/**
 * A node's meters, for hosts that have Micrometer:
 *
 * <ul>
 *   <li>{@code holdfast.ha.active}: 1 while the service is active, otherwise 0; over all nodes never more than 1 for long;
 *   <li>{@code holdfast.ha.token}: the token of the term that the service is active in, otherwise 0;
 *   <li>{@code holdfast.ha.lease.remaining}: seconds that its lease lasts without another renewal, otherwise 0;
 *   <li>{@code holdfast.ha.events}: how often each {@linkplain HAEvent.Kind kind} of event has happened, by {@code kind};
 *   <li>{@code holdfast.ha.takeover}: the time from winning the lock to being active.
 * </ul>
 *
 * <p>Several nodes in one registry need {@linkplain #HAMetrics(HANode, Iterable) tags} that tell them apart.
 */
public final class HAMetrics implements MeterBinder, AutoCloseable {
    private final HANode node;
    private final Tags tags;
    private final List<Binding> bindings = new CopyOnWriteArrayList<>();

    /** Of this node; events count from {@link #bindTo} on. */
    public HAMetrics(HANode node) {
        this(node, Tags.empty());
    }

    /** Of this node, each meter with these tags. */
    public HAMetrics(HANode node, Iterable<Tag> tags) {
        this.node = node;
        this.tags = Tags.of(tags);
    }

    @Override
    public void bindTo(MeterRegistry registry) {
        Binding binding = new Binding(registry);
        bindings.add(binding);
        node.listen(binding);
    }

    /** Takes the meters out of every registry that they were bound to, and does not count any more. Idempotent. */
    @Override
    public void close() {
        bindings.forEach(Binding::undo);
        bindings.clear();
    }

    /** Told of one event after the other, so it needs no lock. */
    private final class Binding implements Consumer<HAEvent> {
        private final MeterRegistry registry;
        private final List<Meter> gauges;
        private final Map<HAEvent.Kind, Counter> events = new EnumMap<>(HAEvent.Kind.class);
        private final Timer takeover;
        private @Nullable Long won;
        private long token;

        Binding(MeterRegistry registry) {
            this.registry = registry;
            gauges = List.of(
                    gauge("active", null, "Whether the service is active on this node", term -> 1.0),
                    gauge("token", null, "The token of the active term", term -> term.token()),
                    gauge(
                            "lease.remaining",
                            "seconds",
                            "How many seconds the lease of the active term lasts without another renewal",
                            term -> term.lease().remaining().toNanos() / 1e9));
            for (HAEvent.Kind kind : HAEvent.Kind.values()) {
                events.put(kind, counter(kind));
            }
            takeover = Timer.builder("holdfast.ha.takeover")
                    .description("From winning the lock to being active")
                    .tags(tags)
                    .register(registry);
        }

        private Gauge gauge(String name, @Nullable String unit, String description, ToDoubleFunction<Term> value) {
            return Gauge.builder(
                            "holdfast.ha." + name,
                            node,
                            one -> one.term().map(value::applyAsDouble).orElse(0.0))
                    .baseUnit(unit)
                    .description(description)
                    .tags(tags)
                    .register(registry);
        }

        private Counter counter(HAEvent.Kind kind) {
            return Counter.builder("holdfast.ha.events")
                    .description("What happened to this node")
                    .tags(tags.and("kind", kind.name().toLowerCase(Locale.ROOT)))
                    .register(registry);
        }

        @Override
        public void accept(HAEvent event) {
            Counter counter = events.get(event.kind());
            if (counter != null) {
                counter.increment();
            }
            if (event.kind() == HAEvent.Kind.WON) {
                won = System.nanoTime();
                token = event.token();
            } else if (event.kind() == HAEvent.Kind.ACTIVE && won != null && event.token() == token) {
                takeover.record(Duration.ofNanos(System.nanoTime() - won));
            }
        }

        void undo() {
            node.unlisten(this);
            gauges.forEach(registry::remove);
            events.values().forEach(registry::remove);
            registry.remove(takeover);
        }
    }
}
