package dev.holdfast.tck;

/** The areas of the contract, in the order in which they are checked. */
public enum RuleArea {
    /** Whether the harness itself can be trusted; checked before anything else. */
    H("harness", "every harness"),
    /** Getting, putting, deleting and committing. */
    KV("storage", "every backend"),
    /** Listing. */
    LS("listing", "every backend"),
    /** Failures and sizes. */
    ER("errors and limits", "every backend"),
    /** One holder at a time. */
    HA("exclusivity", "every backend"),
    /** How a holder learns that it is one no more. */
    LO("loss", "every backend"),
    /** Tokens and what they stop. */
    FN("fencing", "every backend"),
    /** Somebody holds the lock again, soon and cheaply. */
    LV("liveness", "every backend"),
    /** Configuring, finding and closing. */
    LC("life cycle", "every backend"),
    /** Storage and locks in different stores. */
    SP("split storage and ha_storage", "pairs");

    private final String title;
    private final String subject;

    RuleArea(String title, String subject) {
        this.title = title;
        this.subject = subject;
    }

    /** Whether its checks count on leases and bounds, and so on a machine that is not late. */
    boolean isTimed() {
        return this != KV && this != LS && this != FN;
    }

    /** The area in a few words. */
    public String title() {
        return title;
    }

    /** Whom its rules bind when they require no capability. */
    public String subject() {
        return subject;
    }
}
