package dev.holdfast.server.forwarding;

import dev.holdfast.server.cluster.Advertisement;
import dev.holdfast.server.cluster.Node;
import dev.holdfast.server.cluster.TermCertificate;
import java.net.URI;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.UnaryOperator;
import javax.net.ssl.SSLContext;
import org.eclipse.jetty.client.HttpClient;
import org.eclipse.jetty.client.Request;
import org.eclipse.jetty.client.Response;
import org.eclipse.jetty.http.HttpCookieStore;
import org.eclipse.jetty.http2.client.HTTP2Client;
import org.eclipse.jetty.http2.client.transport.HttpClientTransportOverHTTP2;
import org.eclipse.jetty.io.ClientConnector;
import org.eclipse.jetty.util.ssl.SslContextFactory;
import org.eclipse.jetty.util.thread.QueuedThreadPool;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Connections to one active for one term of it. They are kept and shared; nothing is sent twice by them. */
final class Link implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Link.class);
    private static final long CONNECT_MILLIS = 1_500;

    private final Advertisement active;
    private final HttpClient client;
    private volatile UnaryOperator<Request> introduction = request -> request;
    private volatile boolean over;

    private Link(Advertisement active, HttpClient client) {
        this.active = active;
        this.client = client;
    }

    static Link to(Advertisement active) {
        return Unbound.create().to(active, active.termCertificate());
    }

    /** All of a link but where it goes: its threads run, and nothing is connected. */
    static final class Unbound implements AutoCloseable {
        private final AtomicReference<@Nullable TermCertificate> certificate;
        private final HttpClient client;

        private Unbound(AtomicReference<@Nullable TermCertificate> certificate, HttpClient client) {
            this.certificate = certificate;
            this.client = client;
        }

        static Unbound create() {
            AtomicReference<@Nullable TermCertificate> certificate = new AtomicReference<>();
            return new Unbound(
                    certificate,
                    client(TermCertificate.sslContext(() -> Objects.requireNonNull(certificate.get(), "bound"))));
        }

        /** Once. Closing the link closes all of this. */
        Link to(Advertisement active, TermCertificate shown) {
            certificate.set(shown);
            return new Link(active, client);
        }

        @Override
        public void close() {
            stop(client, "nobody");
        }
    }

    /** Has all that is sent from now on say who asks, and the node told when that is not understood. */
    void introduce(Node node) {
        introduction = request ->
                request.headers(to -> Protocol.introduce(node, to)).onResponseHeaders(answer -> heed(answer, node));
    }

    private void heed(Response answer, Node node) {
        String why = answer.getHeaders().get(Protocol.REFUSED);
        if (why != null) {
            over = true;
            node.cluster().ifPresent(cluster -> cluster.peers().refusedBy(active, why));
        }
    }

    /** A request to the active, for its sender to complete. */
    Request newRequest() {
        return introduction.apply(client.newRequest(address()));
    }

    /** What a link talks with. */
    static HttpClient client(SSLContext context) {
        SslContextFactory.Client ssl = new SslContextFactory.Client();
        ssl.setSslContext(context);
        // The certificate itself is compared, which says more than a name in it.
        ssl.setEndpointIdentificationAlgorithm(null);
        ssl.setIncludeProtocols("TLSv1.2", "TLSv1.3");
        QueuedThreadPool threads = new QueuedThreadPool(16, 2);
        threads.setName("holdfast-forwarding");
        threads.setDaemon(true);
        ClientConnector connector = new ClientConnector();
        connector.setSslContextFactory(ssl);
        connector.setSelectors(1);
        connector.setExecutor(threads);
        HttpClient client = new HttpClient(new HttpClientTransportOverHTTP2(new HTTP2Client(connector)));
        client.setExecutor(threads);
        client.setConnectTimeout(CONNECT_MILLIS);
        client.setIdleTimeout(120_000);
        client.setMaxConnectionsPerDestination(4);
        client.setMaxRequestsQueuedPerDestination(4_096);
        client.setFollowRedirects(false);
        client.setUserAgentField(null);
        client.setHttpCookieStore(new HttpCookieStore.Empty());
        try {
            client.start();
        } catch (Exception e) {
            throw new IllegalStateException("the client for forwarding cannot be started", e);
        }
        client.getContentDecoderFactories().clear();
        client.getProtocolHandlers().clear();
        return client;
    }

    boolean isTo(Advertisement other) {
        return active.node().equals(other.node()) && active.token() == other.token();
    }

    Advertisement active() {
        return active;
    }

    /** The other end said that it is not active, and so will not be again within this term. */
    void end() {
        over = true;
    }

    boolean isOver() {
        return over;
    }

    private URI address() {
        return URI.create(active.clusterAddr());
    }

    /** What is under way fails. */
    @Override
    public void close() {
        stop(client, active);
    }

    private static void stop(HttpClient client, Object to) {
        try {
            client.stop();
        } catch (Exception e) {
            log.debug("connections to {} could not be closed in order", to, e);
        }
    }
}
