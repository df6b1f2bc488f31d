package io.wgfabric.simulation.world;
public final class Simulate {
    public static void main(String[] a) {
        long from=Long.parseLong(a[0]), to=Long.parseLong(a[1]);
        boolean skipWhole = a.length>2;
        var bean=java.lang.management.ManagementFactory.getThreadMXBean(); long t=bean.getCurrentThreadCpuTime(); long cmds=0,crashes=0,el=0,ch=0,rd=0,ms=0,bad=0,n=0,h=0;
        for(long s=from;s<to;s++){ if (skipWhole && s%10==0) continue; n++; Run r=Simulation.run(Scenario.of(s)); cmds+=r.commands();crashes+=r.crashes();el+=r.elections();ch+=r.changes();rd+=r.reads();ms+=r.virtualMillis(); h=h*31+r.trace();
          if(r.violation()!=null){ if(bad++<3){System.out.println("seed "+s); r.violation().printStackTrace(System.out);} } }
        double sec=(bean.getCurrentThreadCpuTime()-t)/1e9;
        System.out.printf("%d seeds %.2f s %.3f ms/seed cmds %d crashes %d elections %d changes %d reads %d virtual %d h bad %d hash %x%n",n,sec,sec*1000/n,cmds/n,crashes/n,el/n,ch,rd/n,ms/3600000,bad,h);
    }
}
