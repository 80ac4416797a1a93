package dev.holdfast.server.api;

import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;

/** What a standby does with a request that is for the active. The body was not read. */
@FunctionalInterface
public interface Handover {
    /**
     * Takes the request over; completes the callback. May return before that.
     *
     * @param redirect what to do instead, for as long as nothing of the request was sent elsewhere
     */
    void take(Request request, Response response, Callback callback, Runnable redirect);
}
