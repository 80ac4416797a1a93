package dev.holdfast.server.api;

import java.nio.ByteBuffer;
import java.util.Optional;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;

/** What a standby does with a request that is for the active. */
@FunctionalInterface
public interface Handover {
    /** What can be done instead, for as long as the request was certainly not applied elsewhere. */
    interface Instead {
        /** Tells the client where to go, or to come back later. Completes the callback. */
        void redirect();

        /** Answers here after all, in another thread, when this node is the active by now. Completes the callback. */
        void answerHere(ByteBuffer body);
    }

    /**
     * Takes the request over; completes the callback, perhaps after this has returned.
     *
     * @param body what was read already, by a node that ceased to be active meanwhile; otherwise the request still has it
     */
    void take(Request request, Optional<ByteBuffer> body, Response response, Callback callback, Instead instead);
}
