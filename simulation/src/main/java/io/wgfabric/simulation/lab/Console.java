package io.wgfabric.simulation.lab;

import java.io.PrintStream;
import java.time.Duration;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What the user sees: one line for each step, and on a terminal a line that lives while the step is under way.
 * Thread-safe. Its thread lives as long as the program, which tells one story and ends.
 */
final class Console {
    private static final String SPINNER = "|/-\\";
    private static final long FRAME_MILLIS = 120;
    private static final int LIVE_WIDTH = 78;
    private static final String ERASE_LINE = "\r\u001b[K";

    private final PrintStream out;
    private final boolean live;
    private final boolean colour;
    private @Nullable String title;
    private String activity = "";
    private long began;
    private int frame;
    private boolean muted;

    /** How a step ended. */
    enum Mark {
        OK("ok", "\u001b[32m"),
        FAILED("FAILED", "\u001b[1;31m"),
        NOTE("note", "\u001b[33m");

        private final String text;
        private final String colour;

        Mark(String text, String colour) {
            this.text = text;
            this.colour = colour;
        }
    }

    Console(PrintStream out, boolean live, boolean colour) {
        this.out = out;
        this.live = live;
        this.colour = colour;
        if (live) {
            Thread painter = new Thread(this::paintForever, "lab-console");
            painter.setDaemon(true);
            painter.start();
        }
    }

    private void paintForever() {
        synchronized (this) {
            while (true) {
                paint();
                try {
                    wait(FRAME_MILLIS);
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                    return;
                }
            }
        }
    }

    private void paint() {
        if (title == null || muted) {
            return;
        }
        char turn = SPINNER.charAt(frame++ % SPINNER.length());
        String text = String.format(
                Locale.ROOT,
                "  %c      %s  %.1f s  %s",
                turn,
                title,
                Times.since(began).toMillis() / 1000.0,
                activity);
        out.print(ERASE_LINE + text.substring(0, Math.min(LIVE_WIDTH, text.length())));
        out.flush();
    }

    /** A step begins. */
    synchronized void begin(String step) {
        title = step;
        activity = "";
        began = System.nanoTime();
        if (live) {
            paint();
        }
    }

    /** What the step is doing; shown on a terminal only. */
    synchronized void activity(String text) {
        activity = text;
    }

    /** The step that began last ended. */
    synchronized void end(Mark mark, Duration took, String detail) {
        String step = title == null ? "" : title;
        title = null;
        print(String.format(Locale.ROOT, "  %s %-38s %9s  %s", marked(mark), step, Times.text(took), detail)
                .stripTrailing());
    }

    private String marked(Mark mark) {
        String padded = String.format(Locale.ROOT, "%-6s", mark.text);
        return colour ? mark.colour + padded + "\u001b[0m" : padded;
    }

    /** A line between two steps, or while one is under way. */
    synchronized void line(String text) {
        print(text);
    }

    private void print(String text) {
        if (muted) {
            return;
        }
        out.println((live ? ERASE_LINE : "") + text);
        out.flush();
    }

    /** From now on only {@link #lastWord} is shown: the lab is being removed under the feet of what still runs. */
    synchronized void mute() {
        muted = true;
    }

    synchronized void lastWord(String text) {
        out.println((live ? ERASE_LINE : "") + text);
        out.flush();
    }

    String bold(String text) {
        return colour ? "\u001b[1m" + text + "\u001b[0m" : text;
    }

    String verdict(boolean passed, String text) {
        return colour ? (passed ? Mark.OK.colour : Mark.FAILED.colour) + text + "\u001b[0m" : text;
    }
}
