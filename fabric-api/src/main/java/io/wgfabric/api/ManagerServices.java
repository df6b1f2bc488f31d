package io.wgfabric.api;

/**
 * Where a manager is reached by others.
 *
 * @param api {@code HOST:PORT} of its REST interface
 * @param replication {@code HOST:PORT} of the replication between managers
 */
public record ManagerServices(String api, String replication) {
    private static final int MAX_LENGTH = 260;

    public ManagerServices {
        check(api);
        check(replication);
    }

    private static void check(String text) {
        int colon = text.lastIndexOf(':');
        boolean valid = colon > 0 && text.length() <= MAX_LENGTH && text.length() - colon <= 6;
        for (int i = colon + 1; valid && i < text.length(); i++) {
            valid = Character.isDigit(text.charAt(i));
        }
        if (!valid || colon == text.length() - 1) {
            throw new IllegalArgumentException("a manager's address is HOST:PORT");
        }
    }
}
