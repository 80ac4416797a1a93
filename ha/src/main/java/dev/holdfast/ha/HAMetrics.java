package dev.holdfast.ha;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.time.Duration;
import java.util.Locale;

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
 */
public final class HAMetrics implements MeterBinder {
    private final HANode node;

    /** Of this node; events count from {@link #bindTo} on. */
    public HAMetrics(HANode node) {
        this.node = node;
    }

    @Override
    public void bindTo(MeterRegistry registry) {
        Gauge.builder("holdfast.ha.active", node, active -> active.term().isPresent() ? 1 : 0)
                .description("Whether the service is active on this node")
                .register(registry);
        Gauge.builder("holdfast.ha.token", node, HAMetrics::token)
                .description("The token of the active term")
                .register(registry);
        Gauge.builder("holdfast.ha.lease.remaining", node, HAMetrics::remainingSeconds)
                .description("How long the lease of the active term lasts without another renewal")
                .baseUnit("seconds")
                .register(registry);
        for (HAEvent.Kind kind : HAEvent.Kind.values()) {
            var unused = counter(registry, kind);
        }
        node.listen(new Listener(registry));
    }

    private static double token(HANode node) {
        return node.term().map(term -> (double) term.lease().token()).orElse(0.0);
    }

    private static double remainingSeconds(HANode node) {
        return node.term().map(term -> term.lease().remaining().toNanos() / 1e9).orElse(0.0);
    }

    private static Counter counter(MeterRegistry registry, HAEvent.Kind kind) {
        return Counter.builder("holdfast.ha.events")
                .description("What happened to this node")
                .tag("kind", kind.name().toLowerCase(Locale.ROOT))
                .register(registry);
    }

    /** Told of one event after the other, so it needs no lock. */
    private static final class Listener implements java.util.function.Consumer<HAEvent> {
        private final MeterRegistry registry;
        private final Timer takeover;
        private long won;
        private long token;

        Listener(MeterRegistry registry) {
            this.registry = registry;
            this.takeover = Timer.builder("holdfast.ha.takeover")
                    .description("From winning the lock to being active")
                    .register(registry);
        }

        @Override
        public void accept(HAEvent event) {
            counter(registry, event.kind()).increment();
            if (event.kind() == HAEvent.Kind.WON) {
                won = System.nanoTime();
                token = event.token();
            } else if (event.kind() == HAEvent.Kind.ACTIVE && event.token() == token) {
                takeover.record(Duration.ofNanos(System.nanoTime() - won));
            }
        }
    }
}
