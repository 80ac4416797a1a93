package dev.holdfast.backend.etcd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.Appender;
import ch.qos.logback.core.AppenderBase;
import dev.holdfast.spi.Backend;
import dev.holdfast.spi.BackendException;
import dev.holdfast.spi.Backends;
import dev.holdfast.spi.Entry;
import dev.holdfast.spi.FencingBackend;
import dev.holdfast.spi.HABackend;
import dev.holdfast.spi.HALock;
import dev.holdfast.spi.Holder;
import dev.holdfast.spi.Key;
import dev.holdfast.spi.Lease;
import dev.holdfast.spi.Mutation;
import dev.holdfast.spi.Prefix;
import dev.holdfast.spi.TransactionalBackend;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/** TLS and passwords against a real server that asks for both a client's certificate and a user's token. */
@Timeout(120)
class EtcdLoginTest {
    private static final Key KEY = Key.of("a/key");
    private static final Duration TTL = Duration.ofSeconds(10);

    @TempDir
    private static Path folder;

    private static SecureEtcd server;

    @BeforeAll
    static void startServer() throws Exception {
        server = SecureEtcd.start(folder);
        try (Backend first = open("request_timeout", "30s")) { // which takes the JVM longer than all that follow
            assertThat(first.get(KEY)).isEmpty();
        }
    }

    @AfterAll
    static void stopServer() {
        server.close();
    }

    private static Map<String, String> options(String... more) {
        Map<String, String> options = new HashMap<>(server.options());
        options.putAll(Map.of("request_timeout", "30s", "lock_ttl", TTL.toSeconds() + "s"));
        for (int i = 0; i < more.length; i += 2) {
            if (more[i + 1].isEmpty()) {
                options.remove(more[i]);
            } else {
                options.put(more[i], more[i + 1]);
            }
        }
        return options;
    }

    private static Backend open(String... more) {
        return Backends.load().open("etcd", options(more));
    }

    private static void works(Backend backend) throws InterruptedException {
        backend.put(Entry.of(KEY, new byte[600_000]));
        assertThat(backend.get(KEY)).map(Entry::size).contains(600_000);
        assertThat(backend.list(Prefix.of("a/"))).containsExactly("key");
        try (Lease lease = ((HABackend) backend).lock(KEY, "me").acquire()) {
            assertThat(lease.isHeld()).isTrue();
        }
    }

    private static void isRefused(Backend backend, Class<? extends BackendException> type, String why, String secret) {
        assertThatThrownBy(() -> backend.get(KEY))
                .isInstanceOf(type)
                .hasMessageContaining(why)
                .satisfies(refusal -> {
                    for (Throwable cause = refusal; cause != null; cause = cause.getCause()) {
                        assertThat(cause.toString()).doesNotContain(secret);
                    }
                });
    }

    private static void isDeniedAtOnce(Backend backend, String why, String secret) {
        long start = System.nanoTime();
        isRefused(backend, BackendException.AccessDenied.class, why, secret);
        assertThat(System.nanoTime() - start)
                .as("without waiting for the end of request_timeout")
                .isLessThan(TimeUnit.SECONDS.toNanos(10));
    }

    @Test
    void aCertificateAndAPasswordLetIn() throws Exception {
        try (Backend backend = open("path", "in")) {
            works(backend);
        }
    }

    @Test
    void aTokenThatHasExpiredIsReplacedAndNoLeaseIsLost() throws Exception {
        try (Backend idle = open("path", "idle");
                HABackend holder = (HABackend) open("path", "held")) {
            idle.put(Entry.of(KEY, new byte[1]));
            try (Lease lease = holder.lock(KEY, "me").acquire()) {
                server.awaitExpiryOfTokensFetchedUntilNow();
                idle.put(Entry.of(KEY, new byte[2]));
                assertThat(idle.get(KEY)).map(Entry::size).contains(2);
                Renewals.awaitOne(lease);
            }
        }
    }

    /** Nothing uses a token here as often as it would have to be to last. */
    @Test
    void aHolderAndAWaiterOutliveTheirTokens() throws Exception {
        try (HABackend holder = (HABackend) open("path", "outlived");
                HABackend waiter = (HABackend) open("path", "outlived")) {
            Lease lease = holder.lock(KEY, "holder").acquire();
            CompletableFuture<Lease> next = new CompletableFuture<>();
            Thread waits = new Thread(() -> {
                try {
                    next.complete(waiter.lock(KEY, "waiter").acquire());
                } catch (InterruptedException | RuntimeException e) {
                    next.completeExceptionally(e);
                }
            });
            waits.start();
            for (long began = System.nanoTime(); System.nanoTime() - began < TTL.toNanos(); ) {
                server.awaitExpiryOfTokensFetchedUntilNow();
            }
            assertThat(lease.isHeld()).isTrue();
            assertThat(next).isNotDone();

            lease.release();

            assertThat(next.get(20, TimeUnit.SECONDS).token()).isGreaterThan(lease.token());
        }
    }

    @Test
    void permissionForThePathIsEnough() throws Exception {
        try (Backend backend = open("username", SecureEtcd.SERVICE, "path", SecureEtcd.ITS_PATH)) {
            works(backend);
            HALock lock = ((HABackend) backend).lock(KEY, "me");
            try (Lease lease = lock.acquire()) {
                assertThat(lock.holder()).map(Holder::token).contains(lease.token());
                Backend fenced = ((FencingBackend) backend).fence(lease.token());
                fenced.put(Entry.of(Key.of("a/b/c"), new byte[1]));
                fenced.delete(Key.of("a/b/c"));
            }
            ((TransactionalBackend) backend).commit(List.of(new Mutation.Delete(KEY)));
            assertThat(backend.list(Prefix.of(""))).isEmpty();
        }
        try (Backend beside = open("username", SecureEtcd.SERVICE, "path", "beside")) {
            isRefused(beside, BackendException.AccessDenied.class, "permission denied", SecureEtcd.PASSWORD);
        }
    }

    @Test
    void aWrongPasswordIsDeniedAtOnceAndNotShown() {
        try (Backend wrong = open("password", "open-barley")) {
            isDeniedAtOnce(wrong, "authentication failed", "open-barley");
            assertThatThrownBy(() -> ((HABackend) wrong).lock(KEY, "me").acquire())
                    .isInstanceOf(BackendException.AccessDenied.class)
                    .hasMessageNotContaining("open-barley");
        }
    }

    @Test
    void anUnknownUserIsDeniedAtOnce() {
        try (Backend wrong = open("username", "nobody")) {
            isDeniedAtOnce(wrong, "authentication failed", SecureEtcd.PASSWORD);
        }
    }

    @Test
    void whoMayNotUseThePathIsDenied() {
        try (Backend other = open("username", SecureEtcd.GUEST, "path", "not-the-guests")) {
            isDeniedAtOnce(other, "permission denied", SecureEtcd.PASSWORD);
        }
    }

    @Test
    void aServerThatNobodyTrustsIsNotTold() {
        try (Backend other = open("tls_ca_file", server.file("stranger.pem"), "request_timeout", "4s")) {
            isRefused(other, BackendException.Unavailable.class, "SSLHandshakeException", SecureEtcd.PASSWORD);
        }
    }

    @Test
    void aServerOfAnotherNameIsNotTold() {
        try (Backend other = open("authority", "somewhere.else", "request_timeout", "4s")) {
            isRefused(other, BackendException.Unavailable.class, "SSLHandshakeException", SecureEtcd.PASSWORD);
        }
        try (Backend named = open("path", "named", "authority", "localhost")) {
            assertThat(named.get(KEY)).isEmpty();
        }
    }

    @Test
    void aClientWithoutACertificateIsNotLetIn() {
        try (Backend anonymous = open("tls_cert_file", "", "tls_key_file", "", "request_timeout", "2s")) {
            isRefused(anonymous, BackendException.Unavailable.class, "", SecureEtcd.PASSWORD);
        }
    }

    @Test
    void halfAConfigurationIsRefusedBeforeAnythingIsSent() {
        assertThatThrownBy(() -> open("tls_key_file", "")).hasMessageContaining("tls_cert_file and tls_key_file");
        assertThatThrownBy(() -> open("password", "")).hasMessageContaining("username and password");
        assertThatThrownBy(() -> open("endpoints", server.endpoint().replace("https", "http")))
                .hasMessageContaining("must be https://");
    }

    /** With every logger as talkative as it can be, but for the one that writes down the bytes of each frame. */
    @Test
    void nothingSecretIsLoggedOrShown() throws Exception {
        List<String> lines = new CopyOnWriteArrayList<>();
        AppenderBase<ILoggingEvent> capture = new AppenderBase<>() {
            @Override
            protected void append(ILoggingEvent event) {
                String trace =
                        event.getThrowableProxy() == null ? "" : ThrowableProxyUtil.asString(event.getThrowableProxy());
                lines.add(event.getThreadName() + " " + event.getFormattedMessage() + trace);
            }
        };
        LoggerContext logging = (LoggerContext) LoggerFactory.getILoggerFactory();
        Logger root = logging.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
        Logger frames = logging.getLogger("io.grpc.netty");
        Level before = root.getLevel();
        List<Appender<ILoggingEvent>> others = new ArrayList<>();
        root.iteratorForAppenders().forEachRemaining(others::add);
        others.forEach(root::detachAppender); // they would print all of it
        capture.setContext(logging);
        capture.start();
        root.addAppender(capture);
        root.setLevel(Level.TRACE);
        frames.setLevel(Level.INFO);
        try (Backend backend = open("path", "logged");
                Backend wrong = open("password", "open-barley", "path", "logged")) {
            works(backend);
            isDeniedAtOnce(wrong, "authentication failed", "open-barley");
            assertThat(backend.toString() + wrong + ((HABackend) backend).lock(KEY, "me"))
                    .doesNotContain(SecureEtcd.PASSWORD, "open-barley");
        } finally {
            root.setLevel(before);
            frames.setLevel(null);
            root.detachAppender(capture);
            others.forEach(root::addAppender);
        }
        assertThat(lines).as("the capture works").isNotEmpty();
        assertThat(lines)
                .noneMatch(line -> line.contains(SecureEtcd.PASSWORD)
                        || line.contains("open-barley")
                        || line.contains(hex(SecureEtcd.PASSWORD)));
        assertThat(Thread.getAllStackTraces().keySet())
                .extracting(Thread::getName)
                .noneMatch(name -> name.contains(SecureEtcd.PASSWORD));
    }

    private static String hex(String text) {
        StringBuilder hex = new StringBuilder();
        text.chars().forEach(c -> hex.append(Integer.toHexString(c)));
        return hex.toString();
    }
}
