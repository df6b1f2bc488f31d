package io.wgfabric.javalin.cli;

import io.wgfabric.javalin.doctor.Doctor;
import io.wgfabric.javalin.doctor.Finding;
import io.wgfabric.javalin.doctor.Finding.Result;
import java.io.IOException;
import java.time.InstantSource;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;

/** {@code fabric doctor}. */
@Command(
        name = "doctor",
        description = "Look for what is wrong with this machine, the node on it and the managers that it knows, and say"
                + " how to mend it. Nothing is changed. Exit status 1 if something failed; a warning is no failure.",
        footerHeading = "%nExamples:%n",
        footer = {
            "  fabric doctor                          also where no node has joined yet",
            "  fabric doctor --data /srv/fabric -o json",
            "  fabric doctor --context operator.json  the managers alone, where no node is",
        })
final class DoctorCommand implements Callable<Integer> {
    private static final int WIDTH = 80;

    @Mixin
    private ClientOptions managers = new ClientOptions();

    @Mixin
    private Printer printer = new Printer();

    @Override
    public Integer call() throws IOException {
        List<Finding> findings = Doctor.look(
                managers.folder(), managers.operatorFile(), managers.namesContext(), InstantSource.system());
        printer.print(json(findings), () -> text(findings));
        return findings.stream().anyMatch(finding -> finding.result() == Result.FAILED) ? 1 : 0;
    }

    private static ArrayNode json(List<Finding> findings) {
        ArrayNode all = JsonNodeFactory.instance.arrayNode();
        for (Finding finding : findings) {
            all.addObject()
                    .put("check", finding.check())
                    .put("result", finding.result().text().toLowerCase(Locale.ROOT))
                    .put("found", finding.found())
                    .put("mend", finding.mend());
        }
        return all;
    }

    static String text(List<Finding> findings) {
        Table table = new Table("CHECK", "RESULT", "WHAT TO DO").within(WIDTH);
        for (Finding finding : findings) {
            table.row(
                    finding.check(),
                    switch (finding.result()) {
                        case OK -> Colour.GREEN.of(finding.result().text());
                        case WARNING -> Colour.YELLOW.of(finding.result().text());
                        case FAILED -> Colour.RED.of(finding.result().text());
                    },
                    finding.line());
        }
        long failed = count(findings, Result.FAILED);
        long warned = count(findings, Result.WARNING);
        String sum = failed + warned == 0 ? "Nothing is wrong." : failed + " failed, " + warned + " to look at.";
        return table + "\n" + sum + "\n";
    }

    private static long count(List<Finding> findings, Result result) {
        return findings.stream().filter(finding -> finding.result() == result).count();
    }
}
