package dev.holdfast.server.api;

import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.handler.ErrorHandler;
import org.eclipse.jetty.util.Callback;

/** Errors that Jetty itself finds, in the shape that clients expect. */
final class JsonErrors extends ErrorHandler {
    @Override
    public boolean handle(Request request, Response response, Callback callback) {
        int status = response.getStatus() >= 400 ? response.getStatus() : 500;
        ApiHandler.send(Answer.error(status, text(status)), request, response, callback);
        return true;
    }

    private static String text(int status) {
        return switch (status) {
            case 404 -> "no such page; the API begins at /v1/";
            case 408 -> "the request's body did not arrive in time";
            case 413 -> "request body too large";
            case 414 -> "the URL is too long";
            case 431 -> "the request's headers are too large";
            default -> "the request cannot be handled";
        };
    }
}
