package dev.holdfast.backend.zookeeper;

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
import dev.holdfast.spi.HABackend;
import dev.holdfast.spi.Key;
import dev.holdfast.spi.Lease;
import dev.holdfast.tck.stores.ZooKeeperStore;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.slf4j.LoggerFactory;

/** A password of the digest scheme, with every logger as talkative as it can be. */
@Timeout(120)
class ZooKeeperSecretsTest {
    private static final Key KEY = Key.of("a/key");
    private static final String PASSWORD = "open-sesame-1001";
    private static final String WRONG = "open-barley-1001";

    private static ZooKeeperStore store;

    private final List<String> lines = new CopyOnWriteArrayList<>();
    private final LoggerContext logging = (LoggerContext) LoggerFactory.getILoggerFactory();
    private final Logger root = logging.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
    private final Map<Logger, Level> levels = new HashMap<>();
    private final List<Appender<ILoggingEvent>> others = new ArrayList<>();
    private final AppenderBase<ILoggingEvent> capture = new AppenderBase<>() {
        @Override
        protected void append(ILoggingEvent event) {
            String trace =
                    event.getThrowableProxy() == null ? "" : ThrowableProxyUtil.asString(event.getThrowableProxy());
            lines.add(event.getThreadName() + " " + event.getFormattedMessage() + trace);
        }
    };

    @BeforeAll
    static void startStore() {
        store = ZooKeeperStore.start();
    }

    @AfterAll
    static void stopStore() {
        store.close();
    }

    @BeforeEach
    void listen() {
        for (Logger logger : logging.getLoggerList()) {
            levels.put(logger, logger.getLevel());
            logger.setLevel(Level.TRACE);
        }
        capture.setContext(logging);
        capture.start();
        root.iteratorForAppenders().forEachRemaining(others::add);
        others.forEach(root::detachAppender); // they would print all of it
        root.addAppender(capture);
    }

    @AfterEach
    void stopListening() {
        root.detachAppender(capture);
        others.forEach(root::addAppender);
        levels.forEach(Logger::setLevel);
    }

    private static Backend open(String password) {
        return Backends.load()
                .open(
                        "zookeeper",
                        Map.of(
                                "endpoints", store.endpoints(),
                                "path", "secret",
                                "username", "vault",
                                "password", password,
                                "request_timeout", "20s"));
    }

    @Test
    void aWrongPasswordIsDeniedAtOnceAndNothingSecretIsShown() throws Exception {
        try (Backend right = open(PASSWORD);
                Backend wrong = open(WRONG)) {
            right.put(Entry.of(KEY, new byte[1]));
            try (Lease lease = ((HABackend) right).lock(KEY, "me").acquire()) {
                assertThat(lease.isHeld()).isTrue();
            }
            long start = System.nanoTime();
            assertThatThrownBy(() -> wrong.get(KEY))
                    .isInstanceOf(BackendException.AccessDenied.class)
                    .satisfies(refusal -> {
                        for (Throwable cause = refusal; cause != null; cause = cause.getCause()) {
                            assertThat(cause.toString()).doesNotContain(WRONG);
                        }
                    });
            assertThat(System.nanoTime() - start)
                    .as("without waiting for the end of request_timeout")
                    .isLessThan(TimeUnit.SECONDS.toNanos(10));
            assertThat(right.toString() + wrong + ((HABackend) right).lock(KEY, "me"))
                    .doesNotContain(PASSWORD, WRONG);
            assertThat(Thread.getAllStackTraces().keySet())
                    .extracting(Thread::getName)
                    .noneMatch(name -> name.contains(PASSWORD) || name.contains(WRONG));
        }
        assertThat(lines).as("the capture works").anyMatch(line -> line.contains(store.endpoints()));
        for (String secret : List.of(PASSWORD, WRONG)) {
            String encoded = Base64.getEncoder().encodeToString(("vault:" + secret).getBytes(StandardCharsets.UTF_8));
            assertThat(lines)
                    .noneMatch(line -> line.contains(secret) || line.contains(encoded) || line.contains(hex(secret)));
        }
    }

    private static String hex(String text) {
        StringBuilder hex = new StringBuilder();
        text.chars().forEach(c -> hex.append(Integer.toHexString(c)));
        return hex.toString();
    }
}
