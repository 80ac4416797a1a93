package dev.holdfast.tck.rules;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.IThrowableProxy;
import ch.qos.logback.core.Appender;
import ch.qos.logback.core.AppenderBase;
import dev.holdfast.tck.UnverifiedException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;

/** Everything that is logged through SLF4J meanwhile, at every level. */
final class LogCapture extends AppenderBase<ILoggingEvent> implements AutoCloseable {
    private final List<String> lines = new CopyOnWriteArrayList<>();
    private final LoggerContext logging;
    private final Map<Logger, @Nullable Level> levels = new HashMap<>();
    private final List<Appender<ILoggingEvent>> others = new ArrayList<>();

    private LogCapture(LoggerContext logging) {
        this.logging = logging;
        setContext(logging);
    }

    static LogCapture everything() {
        if (!LoggerFactory.getILoggerFactory().getClass().getName().startsWith("ch.qos.logback.")) {
            throw new UnverifiedException("logs can only be watched with Logback as SLF4J's provider");
        }
        LogCapture capture = new LogCapture((LoggerContext) LoggerFactory.getILoggerFactory());
        capture.takeOver();
        return capture;
    }

    /** The usual appenders stay out of it: they would print every line of the trace. */
    private void takeOver() {
        Logger root = logging.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
        root.iteratorForAppenders().forEachRemaining(others::add);
        others.forEach(root::detachAppender);
        for (Logger logger : logging.getLoggerList()) {
            levels.put(logger, logger.getLevel());
            logger.setLevel(Level.TRACE);
        }
        start();
        root.addAppender(this);
    }

    List<String> lines() {
        return lines;
    }

    @Override
    protected void append(ILoggingEvent event) {
        lines.add(event.getLoggerName() + ": " + event.getFormattedMessage());
        for (IThrowableProxy cause = event.getThrowableProxy(); cause != null; cause = cause.getCause()) {
            lines.add(event.getLoggerName() + ": " + cause.getMessage());
        }
    }

    @Override
    public void close() {
        Logger root = logging.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
        root.detachAppender(this);
        levels.forEach(Logger::setLevel);
        others.forEach(root::addAppender);
        stop();
    }
}
