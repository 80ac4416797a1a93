package dev.holdfast.tck.report;

import dev.holdfast.tck.StoreServer;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** Writes down when a server of the store is dead, isolated or paused. */
final class RecordedServer implements StoreServer {
    private final TimelineRecorder recorder;
    private final StoreServer server;
    private final AtomicReference<TimelineRecorder.@Nullable Fault> fault = new AtomicReference<>();

    RecordedServer(TimelineRecorder recorder, StoreServer server) {
        this.recorder = recorder;
        this.server = server;
    }

    @Override
    public String name() {
        return server.name();
    }

    @Override
    public String endpoint() {
        return server.endpoint();
    }

    @Override
    public boolean leads() {
        return server.leads();
    }

    @Override
    public void kill() {
        begin("killed");
        server.kill();
    }

    @Override
    public void start() {
        server.start();
        end();
    }

    @Override
    public void isolate() {
        begin("isolated");
        server.isolate();
    }

    @Override
    public void rejoin() {
        server.rejoin();
        end();
    }

    @Override
    public void pause() {
        begin("paused");
        server.pause();
    }

    @Override
    public void resume() {
        server.resume();
        end();
    }

    private void begin(String what) {
        String role = leads() ? " (leader)" : "";
        fault.set(recorder.fault(RecordedControl.STORE, name() + role + " " + what));
    }

    private void end() {
        TimelineRecorder.Fault began = fault.getAndSet(null);
        if (began != null) {
            began.end();
        }
    }

    @Override
    public String toString() {
        return server.toString();
    }
}
