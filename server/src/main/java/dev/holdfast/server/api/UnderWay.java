package dev.holdfast.server.api;

import dev.holdfast.spi.driver.Turnstile;
import java.time.Duration;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;

/** Knows which requests are not answered yet, so that a listener that is closed cuts none of them off. */
final class UnderWay extends Handler.Wrapper {
    private final Turnstile requests = new Turnstile();

    UnderWay(Handler handler) {
        super(handler);
    }

    @Override
    public boolean handle(Request request, Response response, Callback callback) throws Exception {
        if (!requests.enter()) {
            HttpFields.Mutable headers = response.getHeaders();
            headers.put(HttpHeader.CONNECTION, "close");
            ApiHandler.send(new Refusal(503, "this node is going down").answer(), request, response, callback);
            return true;
        }
        Request.addCompletionListener(request, failure -> requests.leave());
        return super.handle(request, response, callback);
    }

    /** Refuses what comes from now on. */
    void shut() {
        requests.shut();
    }

    /** Returns whether all have been answered within the bound. */
    boolean awaitNone(Duration longest) throws InterruptedException {
        return requests.awaitEmpty(longest);
    }
}
