package io.wgfabric.simulation.lab;

import io.wgfabric.simulation.netns.LabException;

/** Runs the steps of the story one after another and shows each with its time. */
final class Steps {
    private final Console console;
    private final Report report;

    /** What a step does; answers what is worth to be shown of it. */
    interface Step {
        String run() throws InterruptedException;
    }

    Steps(Console console, Report report) {
        this.console = console;
        this.report = report;
    }

    Report report() {
        return report;
    }

    void activity(String text) {
        console.activity(text);
    }

    /** @throws LabException what the step threw: the story cannot go on */
    void step(String title, Step step) {
        long failuresBefore = report.failures();
        long start = System.nanoTime();
        console.begin(title);
        try {
            String detail = step.run();
            boolean passed = report.failures() == failuresBefore;
            console.end(passed ? Console.Mark.OK : Console.Mark.FAILED, Times.since(start), detail);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new LabException("interrupted", e);
        } catch (LabException e) {
            console.end(Console.Mark.FAILED, Times.since(start), e.line());
            report.check(title, false, e.line());
            throw e;
        }
    }
}
