package dev.holdfast.tck.report;

import dev.holdfast.tck.faults.Fault;
import dev.holdfast.tck.faults.Link;
import dev.holdfast.tck.faults.Traffic;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** Writes down when a link fails: from before a fault takes effect until after it has ended. */
final class RecordedLink implements Link {
    private final TimelineRecorder recorder;
    private final Link link;
    private final String target;
    private final AtomicReference<TimelineRecorder.@Nullable Fault> fault = new AtomicReference<>();
    private final AtomicReference<TimelineRecorder.@Nullable Fault> delay = new AtomicReference<>();

    RecordedLink(TimelineRecorder recorder, Link link, String target) {
        this.recorder = recorder;
        this.link = link;
        this.target = target;
    }

    @Override
    public Map<String, String> options() {
        return link.options();
    }

    @Override
    public void apply(Fault applied) {
        TimelineRecorder.Fault began =
                begin(applied.name().toLowerCase(Locale.ROOT).replace('_', ' '));
        link.apply(applied);
        end(fault.getAndSet(began));
    }

    @Override
    public void delay(Duration each) {
        TimelineRecorder.Fault began = each.isZero() ? null : begin("delay " + each.toMillis() + " ms");
        link.delay(each);
        end(delay.getAndSet(began));
    }

    @Override
    public void lateReplies(double share, Duration most, long seed) {
        TimelineRecorder.Fault began = begin("some replies up to " + most.toMillis() + " ms late");
        link.lateReplies(share, most, seed);
        end(delay.getAndSet(began));
    }

    @Override
    public void throttle(long bytesPerSecond) {
        TimelineRecorder.Fault began = begin(bytesPerSecond + " bytes/s");
        link.throttle(bytesPerSecond);
        end(delay.getAndSet(began));
    }

    @Override
    public void dropNextReply() {
        begin("next reply dropped").end();
        link.dropNextReply();
    }

    @Override
    public void silenceConnections() {
        begin("connections silenced").end();
        link.silenceConnections();
    }

    @Override
    public Traffic traffic() {
        return link.traffic();
    }

    @Override
    public int connections() {
        return link.connections();
    }

    @Override
    public void heal() {
        link.heal();
        endAll();
    }

    @Override
    public void close() {
        link.close();
        endAll();
    }

    private TimelineRecorder.Fault begin(String what) {
        return recorder.fault(target, what);
    }

    private void endAll() {
        end(fault.getAndSet(null));
        end(delay.getAndSet(null));
    }

    private static void end(TimelineRecorder.@Nullable Fault fault) {
        if (fault != null) {
            fault.end();
        }
    }

    @Override
    public String toString() {
        return link.toString();
    }
}
