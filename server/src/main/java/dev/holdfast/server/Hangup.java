package dev.holdfast.server;

import java.lang.reflect.Proxy;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** SIGHUP. The JDK's class for signals is called by its name, since javac warns of it, and nothing silences that. */
final class Hangup {
    private static final Logger log = LoggerFactory.getLogger(Hangup.class);

    private Hangup() {}

    /** From now on the signal has this done, instead of ending the process, where the system and the JVM's options allow it. */
    static void handle(Runnable work) {
        try {
            Class<?> signal = Class.forName("sun.misc.Signal");
            Class<?> handler = Class.forName("sun.misc.SignalHandler");
            Object worker = Proxy.newProxyInstance(
                    Hangup.class.getClassLoader(), new Class<?>[] {handler}, (proxy, method, arguments) -> {
                        work.run();
                        return null;
                    });
            signal.getMethod("handle", signal, handler)
                    .invoke(null, signal.getConstructor(String.class).newInstance("HUP"), worker);
        } catch (ReflectiveOperationException e) {
            log.info("SIGHUP is left as it is: {}", String.valueOf(e.getCause() == null ? e : e.getCause()));
        }
    }
}
