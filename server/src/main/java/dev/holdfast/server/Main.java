package dev.holdfast.server;

import picocli.CommandLine;

/** The process behind {@code ./holdfast server}. */
public final class Main {
    private Main() {}

    /** Runs the command and ends the process with its exit code. */
    public static void main(String[] arguments) {
        System.exit(new CommandLine(new ServerCommand()).execute(arguments));
    }
}
