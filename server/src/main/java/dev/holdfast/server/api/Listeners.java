package dev.holdfast.server.api;

import dev.holdfast.server.config.ListenerConfig;
import dev.holdfast.spi.config.ConfigException;
import dev.holdfast.spi.driver.Deadline;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.security.KeyStore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import org.eclipse.jetty.alpn.server.ALPNServerConnectionFactory;
import org.eclipse.jetty.http.HttpCompliance;
import org.eclipse.jetty.http.UriCompliance;
import org.eclipse.jetty.http2.server.HTTP2ServerConnectionFactory;
import org.eclipse.jetty.server.ConnectionFactory;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.SecureRequestCustomizer;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.server.SslConnectionFactory;
import org.eclipse.jetty.util.VirtualThreads;
import org.eclipse.jetty.util.thread.QueuedThreadPool;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The sockets that clients come in at, one server for each {@code listener} block. */
public final class Listeners implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Listeners.class);
    private static final int LONGEST_HEADERS = 32 << 10;

    /** Of each listener. */
    static final int THREADS = 200;

    /** How long requests may go on when the listeners are closed. */
    private static final Duration DRAIN = Duration.ofSeconds(5);

    private final List<Server> servers = new ArrayList<>();
    private final List<ServerConnector> connectors = new ArrayList<>();
    private final List<UnderWay> underWay = new ArrayList<>();
    private final List<ListenerTls> certificates = new ArrayList<>();
    private final ReentrantLock reloading = new ReentrantLock();

    /** Makes the handler of a listener. */
    @FunctionalInterface
    public interface Handlers {
        /** A new one, for one listener. */
        Handler of(ListenerConfig listener);
    }

    /**
     * Opens all of them.
     *
     * @throws IOException when one cannot be opened, naming it; none is left open
     * @throws ConfigException when a certificate or its key cannot be used; none is left open
     */
    public static Listeners open(List<ListenerConfig> configs, Handlers handlers) throws IOException {
        Listeners listeners = new Listeners();
        try {
            for (ListenerConfig config : configs) {
                listeners.open(config, handlers.of(config));
            }
            return listeners;
        } catch (IOException | RuntimeException e) {
            listeners.close();
            throw e;
        }
    }

    /**
     * Whether a listener's certificate and key can be used. Opens nothing but their files.
     *
     * @throws ConfigException when they cannot be
     */
    public static void check(ListenerConfig config) {
        ListenerConfig.Tls files = config.tls();
        if (files != null) {
            KeyStore unused = ListenerTls.read(files);
        }
    }

    private void open(ListenerConfig config, Handler handler) throws IOException {
        Server server = new Server(threads("holdfast-api"));
        server.setErrorHandler(new JsonErrors());
        UnderWay requests = new UnderWay(handler);
        server.setStopTimeout(0);
        ServerConnector connector = new ServerConnector(server, factories(config));
        InetSocketAddress address = config.address().socketAddress();
        connector.setHost(
                address.getAddress() == null
                        ? address.getHostString()
                        : address.getAddress().getHostAddress());
        connector.setPort(address.getPort());
        connector.setIdleTimeout(config.idleTimeout().toMillis());
        SlowHeaders slow = new SlowHeaders(
                requests,
                connector.getScheduler(),
                config.readTimeout().toMillis(),
                config.idleTimeout().toMillis());
        connector.addEventListener(slow);
        server.setHandler(slow);
        server.addConnector(connector);
        servers.add(server);
        connectors.add(connector);
        underWay.add(requests);
        try {
            server.start();
        } catch (Exception e) {
            throw new IOException("listener " + config.address() + " cannot be opened: " + rootMessage(e), e);
        }
    }

    private static String rootMessage(Throwable e) {
        Throwable cause = e;
        while (cause.getCause() != null) {
            cause = cause.getCause();
        }
        return String.valueOf(cause.getMessage());
    }

    /** Blocking handlers run in virtual threads where the JVM has them. */
    public static QueuedThreadPool threads(String name) {
        QueuedThreadPool threads = new QueuedThreadPool(THREADS, 4);
        threads.setName(name);
        threads.setDaemon(true);
        if (VirtualThreads.areSupported()) {
            threads.setVirtualThreadsExecutor(VirtualThreads.getDefaultVirtualThreadsExecutor());
        }
        return threads;
    }

    /** What requests may look like. Paths are decoded by nobody but the API itself, so nothing is ambiguous. */
    public static HttpConfiguration http() {
        HttpConfiguration http = new HttpConfiguration();
        http.setSendServerVersion(false);
        http.setSendDateHeader(false);
        http.setRequestHeaderSize(LONGEST_HEADERS);
        http.setHttpCompliance(HttpCompliance.RFC9110);
        http.setUriCompliance(UriCompliance.UNSAFE);
        return http;
    }

    private ConnectionFactory[] factories(ListenerConfig config) {
        HttpConfiguration http = http();
        http.setIdleTimeout(config.readTimeout().toMillis()); // within a request; headers are SlowHeaders' business
        ListenerConfig.Tls files = config.tls();
        if (files == null) {
            return new ConnectionFactory[] {new HttpConnectionFactory(http)};
        }
        ListenerTls tls = new ListenerTls(config.address(), files);
        certificates.add(tls);
        SecureRequestCustomizer secure = new SecureRequestCustomizer();
        secure.setSniHostCheck(false);
        http.addCustomizer(secure);
        ALPNServerConnectionFactory alpn = new ALPNServerConnectionFactory("h2", "http/1.1");
        alpn.setDefaultProtocol("http/1.1");
        return new ConnectionFactory[] {
            new SslConnectionFactory(tls.factory(), alpn.getProtocol()),
            alpn,
            new HTTP2ServerConnectionFactory(http),
            new HttpConnectionFactory(http)
        };
    }

    private void awaitAnswers() {
        underWay.forEach(UnderWay::shut);
        Deadline bound = Deadline.after(DRAIN);
        try {
            for (UnderWay requests : underWay) {
                if (!requests.awaitNone(bound.remaining(DRAIN))) {
                    log.warn("requests were still under way {} s after the listeners were closed", DRAIN.toSeconds());
                    return;
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /**
     * Reads all certificates and keys again, for connections that are made from now on. A listener whose files cannot be used
     * keeps what it has. The log says which; does not throw.
     */
    public void reload() {
        reloading.lock();
        try {
            if (certificates.isEmpty()) {
                log.info("no listener has a certificate to read again");
            }
            certificates.forEach(ListenerTls::reload);
        } finally {
            reloading.unlock();
        }
    }

    /** The port of each, in order; those that were configured as 0 have one by now. */
    public List<Integer> ports() {
        return connectors.stream().map(ServerConnector::getLocalPort).toList();
    }

    /** Lets the requests that are under way be answered, for up to 5 s, and takes no more. */
    @Override
    public void close() {
        awaitAnswers();
        for (Server server : servers) {
            try {
                server.stop();
            } catch (Exception e) {
                log.warn("a listener could not be closed in order", e);
            }
        }
    }
}
