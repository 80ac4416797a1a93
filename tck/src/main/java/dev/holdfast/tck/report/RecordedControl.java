package dev.holdfast.tck.report;

import dev.holdfast.tck.StoreControl;
import dev.holdfast.tck.StoreServer;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** Writes down when the store is paused or restarted. */
final class RecordedControl implements StoreControl {
    static final String STORE = "store";

    private final TimelineRecorder recorder;
    private final StoreControl control;
    private final AtomicReference<TimelineRecorder.@Nullable Fault> paused = new AtomicReference<>();

    RecordedControl(TimelineRecorder recorder, StoreControl control) {
        this.recorder = recorder;
        this.control = control;
    }

    @Override
    public void pause() {
        end(paused.getAndSet(recorder.fault(STORE, "paused")));
        control.pause();
    }

    @Override
    public void resume() {
        control.resume();
        end(paused.getAndSet(null));
    }

    @Override
    public void restart() {
        TimelineRecorder.Fault fault = recorder.fault(STORE, "restart");
        try {
            control.restart();
        } finally {
            fault.end();
        }
    }

    @Override
    public List<StoreServer> servers() {
        return control.servers().stream()
                .map(server -> (StoreServer) new RecordedServer(recorder, server))
                .toList();
    }

    private static void end(TimelineRecorder.@Nullable Fault fault) {
        if (fault != null) {
            fault.end();
        }
    }
}
