package dev.holdfast.backend.s3;

import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.net.Socket;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.apache.hc.client5.http.classic.methods.HttpUriRequestBase;
import org.apache.hc.client5.http.config.ConnectionConfig;
import org.apache.hc.client5.http.config.RequestConfig;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.apache.hc.client5.http.impl.classic.HttpClients;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManager;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManagerBuilder;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.Header;
import org.apache.hc.core5.http.HttpEntity;
import org.apache.hc.core5.http.HttpHost;
import org.apache.hc.core5.http.io.SocketConfig;
import org.apache.hc.core5.http.io.entity.EntityTemplate;
import org.apache.hc.core5.http.io.entity.InputStreamEntity;
import org.apache.hc.core5.io.CloseMode;
import org.apache.hc.core5.util.TimeValue;
import org.apache.hc.core5.util.Timeout;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.http.AbortableInputStream;
import software.amazon.awssdk.http.ContentStreamProvider;
import software.amazon.awssdk.http.ExecutableHttpRequest;
import software.amazon.awssdk.http.HttpExecuteRequest;
import software.amazon.awssdk.http.HttpExecuteResponse;
import software.amazon.awssdk.http.SdkHttpClient;
import software.amazon.awssdk.http.SdkHttpFullResponse;
import software.amazon.awssdk.http.SdkHttpRequest;

/**
 * HTTP for the SDK, by Apache's client. The SDK has a client on that library, too, but none that can be kept from logging
 * the headers of every request; see {@link S3Connection}. Proxies and key stores are those of the JVM's system properties.
 */
final class S3Http implements SdkHttpClient {
    /** A connection that was idle for longer is not used again: the server may be about to close it. */
    private static final TimeValue IDLE = TimeValue.ofSeconds(5);

    private static final TimeValue TRUSTED = TimeValue.ofSeconds(1);

    /** The library makes these itself, from the body. */
    private static final Set<String> OF_THE_BODY = Set.of("content-length", "transfer-encoding");

    /** Of the request that the thread is about to make: the SDK hands the body on, but not what it was made from. */
    private static final ThreadLocal<@Nullable Pause> PAUSE = new ThreadLocal<>();

    private final PoolingHttpClientConnectionManager connections;
    private final CloseableHttpClient http;

    /** @param atOnce how many requests are ever under way, so that none waits for a connection */
    S3Http(int atOnce, Duration timeout) {
        Timeout bound = Timeout.of(timeout);
        connections = PoolingHttpClientConnectionManagerBuilder.create()
                .useSystemProperties()
                .setConnectionFactory(socket -> connection(socket))
                .setMaxConnTotal(atOnce)
                .setMaxConnPerRoute(atOnce)
                .setDefaultSocketConfig(SocketConfig.custom()
                        .setSoTimeout(bound)
                        .setTcpNoDelay(true)
                        .build())
                .setDefaultConnectionConfig(ConnectionConfig.custom()
                        .setConnectTimeout(bound)
                        .setSocketTimeout(bound)
                        .setValidateAfterInactivity(TRUSTED)
                        .build())
                .build();
        http = HttpClients.custom()
                .useSystemProperties()
                .setConnectionManager(connections)
                .setDefaultRequestConfig(RequestConfig.custom()
                        .setConnectionRequestTimeout(bound)
                        .setResponseTimeout(bound)
                        .build())
                .setUserAgent("") // the SDK names itself
                .disableAuthCaching()
                .disableAutomaticRetries()
                .disableContentCompression()
                .disableCookieManagement()
                .disableRedirectHandling()
                .build();
    }

    private static S3Connection connection(@Nullable Socket socket) throws IOException {
        S3Connection connection = new S3Connection();
        if (socket != null) {
            connection.bind(socket);
        }
        return connection;
    }

    @Override
    public ExecutableHttpRequest prepareRequest(HttpExecuteRequest request) {
        SdkHttpRequest wanted = request.httpRequest();
        HttpUriRequestBase sent = new HttpUriRequestBase(wanted.method().name(), wanted.getUri());
        wanted.forEachHeader((name, values) -> {
            if (!OF_THE_BODY.contains(name.toLowerCase(Locale.ROOT))) {
                values.forEach(value -> sent.addHeader(name, value));
            }
        });
        return new ExecutableHttpRequest() {
            @Override
            public HttpExecuteResponse call() throws IOException {
                if (request.contentStreamProvider().isPresent()) {
                    sent.setEntity(
                            entity(wanted, request.contentStreamProvider().get(), PAUSE.get()));
                }
                return send(wanted, sent);
            }

            @Override
            public void abort() {
                sent.abort();
            }
        };
    }

    private static HttpEntity entity(SdkHttpRequest wanted, ContentStreamProvider content, @Nullable Pause pause)
            throws IOException {
        if (pause == null) {
            long length = wanted.firstMatchingHeader("Content-Length")
                    .map(Long::parseLong)
                    .orElse(-1L);
            return new InputStreamEntity(content.newStream(), length, null);
        }
        try (InputStream stream = content.newStream()) {
            byte[] bytes = stream.readAllBytes();
            return new EntityTemplate(bytes.length, null, null, out -> {
                out.write(bytes, 0, bytes.length - 1);
                out.flush();
                pause.stop();
                out.write(bytes, bytes.length - 1, 1);
            });
        }
    }

    /** A stop that a request makes before the last byte of its body. */
    static final class Pause {
        private static final Duration LONGEST = Duration.ofSeconds(5);

        private final CompletableFuture<Void> reached = new CompletableFuture<>();
        private final CompletableFuture<Void> over = new CompletableFuture<>();

        /** Done when all but the last byte was sent, or the request has ended without. */
        CompletableFuture<Void> reached() {
            return reached;
        }

        /** Lets the request go on. */
        void end() {
            over.complete(null);
        }

        private void stop() throws InterruptedIOException {
            reached.complete(null);
            try {
                over.get(LONGEST.toNanos(), TimeUnit.NANOSECONDS);
            } catch (InterruptedException | ExecutionException | TimeoutException e) {
                throw new InterruptedIOException("the request was ended in its pause");
            }
        }
    }

    /** Makes a request, which pauses if there is a pause. */
    static <T> T pausing(@Nullable Pause pause, Supplier<T> request) {
        if (pause == null) {
            return request.get();
        }
        PAUSE.set(pause);
        try {
            return request.get();
        } finally {
            PAUSE.remove();
            pause.reached.complete(null);
        }
    }

    private HttpExecuteResponse send(SdkHttpRequest wanted, HttpUriRequestBase sent) throws IOException {
        connections.closeIdle(IDLE);
        S3Call.cuttable(sent::abort);
        HttpHost host = new HttpHost(wanted.protocol(), wanted.host(), wanted.port());
        ClassicHttpResponse answer = http.executeOpen(host, sent, null);
        SdkHttpFullResponse.Builder head =
                SdkHttpFullResponse.builder().statusCode(answer.getCode()).statusText(answer.getReasonPhrase());
        for (Header header : answer.getHeaders()) {
            head.appendHeader(header.getName(), header.getValue());
        }
        HttpExecuteResponse.Builder whole = HttpExecuteResponse.builder().response(head.build());
        HttpEntity entity = answer.getEntity();
        Optional.ofNullable(entity == null ? null : entity.getContent())
                .ifPresentOrElse(
                        content -> whole.responseBody(AbortableInputStream.create(content, sent::abort)),
                        () -> closeQuietly(answer));
        return whole.build();
    }

    private static void closeQuietly(ClassicHttpResponse answer) {
        try {
            answer.close();
        } catch (IOException e) {
            // its connection is gone, and nothing was left to read
        }
    }

    @Override
    public void close() {
        http.close(CloseMode.IMMEDIATE);
        connections.close(CloseMode.IMMEDIATE);
    }

    @Override
    public String clientName() {
        return "Holdfast";
    }
}
