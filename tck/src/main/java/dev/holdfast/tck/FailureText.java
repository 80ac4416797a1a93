package dev.holdfast.tck;

import dev.holdfast.spi.Backend;
import java.util.Arrays;
import java.util.stream.Collectors;

/** What a person needs to find the fault: rule, requirement, observation, store, seed, command and likely causes. */
final class FailureText {
    private static final int FRAMES = 6;

    private FailureText() {}

    static String of(Kit kit, Rule rule, String check, String observed) {
        return """
                %s %s
                  required:  %s
                  check:     %s
                  observed:  %s
                  backend:   %s
                  store:     %s
                  seed:      %d
                  run again: ./holdfast tck %s%s --rules %s --seed %d
                  likely:    %s
                  rule:      %s""".formatted(
                        rule,
                        rule.title(),
                        rule.requirement(),
                        check,
                        observed.strip().replace("\n", "\n             "),
                        kit.backend(),
                        kit.harness().store(),
                        kit.seed(),
                        kit.harness().commandLine(),
                        classPath(),
                        rule,
                        kit.seed(),
                        String.join("\n             ", rule.hints()),
                        rule.anchor());
    }

    /** Jars that the command line was given. */
    private static String classPath() {
        String jars = System.getProperty("holdfast.classpath", "");
        return jars.isEmpty() ? "" : " --classpath " + jars;
    }

    /** The message of a failed assertion, or the reason of what could not be checked; else what was thrown and where. */
    static String observed(Throwable failure) {
        if (failure instanceof UnverifiedException || failure instanceof NotApplicableException) {
            return String.valueOf(failure.getMessage());
        }
        boolean asserted = failure instanceof AssertionError;
        String message = asserted ? String.valueOf(failure.getMessage()) : failure.toString();
        StringBuilder text = new StringBuilder(message.strip());
        for (Throwable cause = failure.getCause(); cause != null; cause = cause.getCause()) {
            text.append("\ncaused by ").append(cause);
        }
        String frames = Arrays.stream(failure.getStackTrace())
                .filter(frame -> frame.getClassName()
                        .startsWith(Backend.class.getPackageName().replace(".spi", "")))
                .limit(asserted ? 2 : FRAMES)
                .map(frame -> "\n  at " + frame)
                .collect(Collectors.joining());
        return text.append(frames).toString();
    }
}
