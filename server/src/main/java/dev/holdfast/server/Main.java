package dev.holdfast.server;

import org.slf4j.bridge.SLF4JBridgeHandler;
import picocli.CommandLine;

/** The process behind {@code ./holdfast server}. */
public final class Main {
    private Main() {}

    /** Runs the command and ends the process with its exit code. */
    public static void main(String[] arguments) {
        // What gRPC logs goes where all goes, at the same levels.
        SLF4JBridgeHandler.removeHandlersForRootLogger();
        SLF4JBridgeHandler.install();
        System.exit(new CommandLine(new ServerCommand()).execute(arguments));
    }
}
