/* Prints what gcc made of the declarations, in the form of the published tables: one function, called by a test. */
#define _GNU_SOURCE
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/syscall.h>
#include "dvk_abi.h"
#include "dvk_standin.h"

#define SIZE(t) used += snprintf(text + used, room - used, "size\t%s\t\t%zu\n", #t, sizeof(t));
#define FIELD(t, f) used += snprintf(text + used, room - used, "field\t%s.%s\t%zu\t%zu\n", #t, #f, offsetof(t, f), sizeof(((t *)0)->f));
#define FORM(m, f) used += snprintf(text + used, room - used, "field\tmessage.%s.%s\t%zu\t%zu\n", #m, #f, offsetof(message, m_u.m_##m.f), sizeof(((message *)0)->m_u.m_##m.f));
#define CALL(c) used += snprintf(text + used, room - used, "ioctl\t%s\t\t0x%08lx\n", #c, (unsigned long)(c));

EXPORT int dvk_standin_layout(char *text, size_t room)
{
    size_t used = 0;
    SIZE(cmd_t) FIELD(cmd_t, c_cmd) FIELD(cmd_t, c_dcid) FIELD(cmd_t, c_src) FIELD(cmd_t, c_dst) FIELD(cmd_t, c_snode) FIELD(cmd_t, c_dnode)
    FIELD(cmd_t, c_rcode) FIELD(cmd_t, c_len) FIELD(cmd_t, c_pid) FIELD(cmd_t, c_batch_nr) FIELD(cmd_t, c_flags) FIELD(cmd_t, c_snd_seq)
    FIELD(cmd_t, c_ack_seq) FIELD(cmd_t, c_timestamp) FIELD(cmd_t, c_msg) FIELD(cmd_t, c_vcopy)
    SIZE(vcopy_t) FIELD(vcopy_t, v_src) FIELD(vcopy_t, v_dst) FIELD(vcopy_t, v_rqtr) FIELD(vcopy_t, v_saddr) FIELD(vcopy_t, v_daddr)
    FIELD(vcopy_t, v_bytes)
    SIZE(message) FIELD(message, m_source) FIELD(message, m_type) FIELD(message, m_u)
    FORM(m1, m1i1) FORM(m1, m1i2) FORM(m1, m1i3) FORM(m1, m1p1) FORM(m1, m1p2) FORM(m1, m1p3) FORM(m2, m2i1) FORM(m2, m2i2) FORM(m2, m2i3)
    FORM(m2, m2l1) FORM(m2, m2l2) FORM(m2, m2p1) FORM(m3, m3i1) FORM(m3, m3i2) FORM(m3, m3p1) FORM(m3, m3ca1) FORM(m4, m4l1)
    FORM(m4, m4l2) FORM(m4, m4l3) FORM(m4, m4l4) FORM(m4, m4l5) FORM(m5, m5c1) FORM(m5, m5c2) FORM(m5, m5i1) FORM(m5, m5i2) FORM(m5, m5l1)
    FORM(m5, m5l2) FORM(m5, m5l3) FORM(m6, m6ca1) FORM(m7, m7i1) FORM(m7, m7i2) FORM(m7, m7i3) FORM(m7, m7i4) FORM(m7, m7p1)
    FORM(m7, m7p2) FORM(m8, m8i1) FORM(m8, m8i2) FORM(m8, m8p1) FORM(m8, m8p2) FORM(m8, m8p3) FORM(m8, m8p4) FORM(m9, m9i1) FORM(m9, m9l1)
    FORM(m9, m9t1) FORM(mA, mAdst) FORM(mA, mAnr) FORM(mA, mAia) FORM(mB, mBnr) FORM(mB, mBmd5) FORM(mC, mCi1) FORM(mC, mCi2)
    FORM(mC, mCi3) FORM(mC, mCi4) FORM(mC, mCca1)
    SIZE(dvs_usr_t) FIELD(dvs_usr_t, d_name) FIELD(dvs_usr_t, d_nr_dcs) FIELD(dvs_usr_t, d_nr_nodes) FIELD(dvs_usr_t, d_nr_procs)
    FIELD(dvs_usr_t, d_nr_tasks) FIELD(dvs_usr_t, d_nr_sysprocs) FIELD(dvs_usr_t, d_max_copybuf) FIELD(dvs_usr_t, d_max_copylen)
    FIELD(dvs_usr_t, d_dbglvl) FIELD(dvs_usr_t, d_version) FIELD(dvs_usr_t, d_flags) FIELD(dvs_usr_t, d_size_proc)
    SIZE(dc_usr_t) FIELD(dc_usr_t, dc_dcid) FIELD(dc_usr_t, dc_flags) FIELD(dc_usr_t, dc_nr_procs) FIELD(dc_usr_t, dc_nr_tasks)
    FIELD(dc_usr_t, dc_nr_sysprocs) FIELD(dc_usr_t, dc_nr_nodes) FIELD(dc_usr_t, dc_nodes) FIELD(dc_usr_t, dc_warn2proc)
    FIELD(dc_usr_t, dc_warnmsg) FIELD(dc_usr_t, dc_pid) FIELD(dc_usr_t, dc_name) FIELD(dc_usr_t, dc_cpumask)
    SIZE(node_usr_t) FIELD(node_usr_t, n_nodeid) FIELD(node_usr_t, n_flags) FIELD(node_usr_t, n_proxies) FIELD(node_usr_t, n_dcs)
    FIELD(node_usr_t, n_stimestamp) FIELD(node_usr_t, n_rtimestamp) FIELD(node_usr_t, n_pxsent) FIELD(node_usr_t, n_pxrcvd)
    FIELD(node_usr_t, n_name)
    SIZE(proc_usr_t) FIELD(proc_usr_t, p_nr) FIELD(proc_usr_t, p_endpoint) FIELD(proc_usr_t, p_dcid) FIELD(proc_usr_t, p_rts_flags)
    FIELD(proc_usr_t, p_lpid) FIELD(proc_usr_t, p_vpid) FIELD(proc_usr_t, p_nodeid) FIELD(proc_usr_t, p_nodemap)
    FIELD(proc_usr_t, p_misc_flags) FIELD(proc_usr_t, p_getfrom) FIELD(proc_usr_t, p_sendto) FIELD(proc_usr_t, p_waitmigr)
    FIELD(proc_usr_t, p_waitunbind) FIELD(proc_usr_t, p_proxy) FIELD(proc_usr_t, p_lclsent) FIELD(proc_usr_t, p_rmtsent)
    FIELD(proc_usr_t, p_lclcopy) FIELD(proc_usr_t, p_rmtcopy) FIELD(proc_usr_t, p_name) FIELD(proc_usr_t, p_cpumask)
    SIZE(parm_rcvrqst_t) FIELD(parm_rcvrqst_t, parm_mptr) FIELD(parm_rcvrqst_t, parm_tout)
    SIZE(parm_getdcinfo_t) FIELD(parm_getdcinfo_t, parm_dcid) FIELD(parm_getdcinfo_t, parm_dc)
    SIZE(parm_getnodeinfo_t) FIELD(parm_getnodeinfo_t, parm_nodeid) FIELD(parm_getnodeinfo_t, parm_node)
    SIZE(parm_relay_t) FIELD(parm_relay_t, parm_ep) FIELD(parm_relay_t, parm_mptr)
    SIZE(parm_wakeup_t) FIELD(parm_wakeup_t, parm_dcid) FIELD(parm_wakeup_t, parm_ep)
    SIZE(parm_put2lcl_t) FIELD(parm_put2lcl_t, parm_cmd) FIELD(parm_put2lcl_t, parm_pay)
    SIZE(parm_dcnode_t) FIELD(parm_dcnode_t, parm_dcid) FIELD(parm_dcnode_t, parm_nodeid)
    SIZE(parm_dvsinit_t) FIELD(parm_dvsinit_t, parm_nodeid) FIELD(parm_dvsinit_t, parm_dvs)
    SIZE(parm_pxconn_t) FIELD(parm_pxconn_t, parm_pxid) FIELD(parm_pxconn_t, parm_sts)
    SIZE(parm_wait4bind_t) FIELD(parm_wait4bind_t, parm_cmd) FIELD(parm_wait4bind_t, parm_ep) FIELD(parm_wait4bind_t, parm_tout)
    SIZE(parm_unbind_t) FIELD(parm_unbind_t, parm_dcid) FIELD(parm_unbind_t, parm_ep) FIELD(parm_unbind_t, parm_tout)
    SIZE(parm_ipc_t) FIELD(parm_ipc_t, parm_ep) FIELD(parm_ipc_t, parm_mptr) FIELD(parm_ipc_t, parm_tout)
    SIZE(parm_notify_t) FIELD(parm_notify_t, parm_nr) FIELD(parm_notify_t, parm_ep) FIELD(parm_notify_t, parm_val)
    SIZE(parm_get2rmt_t) FIELD(parm_get2rmt_t, parm_cmd) FIELD(parm_get2rmt_t, parm_pay) FIELD(parm_get2rmt_t, parm_tout)
    SIZE(parm_nodeup_t) FIELD(parm_nodeup_t, parm_name) FIELD(parm_nodeup_t, parm_nodeid) FIELD(parm_nodeup_t, parm_pxid)
    SIZE(parm_proxyinfo_t) FIELD(parm_proxyinfo_t, parm_pxid) FIELD(parm_proxyinfo_t, parm_spx) FIELD(parm_proxyinfo_t, parm_rpx)
    SIZE(parm_bind_t) FIELD(parm_bind_t, parm_cmd) FIELD(parm_bind_t, parm_dcid) FIELD(parm_bind_t, parm_pid) FIELD(parm_bind_t, parm_ep)
    FIELD(parm_bind_t, parm_nodeid)
    SIZE(parm_pxbind_t) FIELD(parm_pxbind_t, parm_name) FIELD(parm_pxbind_t, parm_pxid) FIELD(parm_pxbind_t, parm_spid)
    FIELD(parm_pxbind_t, parm_rpid) FIELD(parm_pxbind_t, parm_maxbuf)
    SIZE(parm_procinfo_t) FIELD(parm_procinfo_t, parm_dcid) FIELD(parm_procinfo_t, parm_nr) FIELD(parm_procinfo_t, parm_proc)
    CALL(DVK_IOCTDVSEND) CALL(DVK_IOCSDCINIT) CALL(DVK_IOCTDCEND) CALL(DVK_IOCQGETEP) CALL(DVK_IOCGGETDVSINFO) CALL(DVK_IOCTNODEDOWN)
    CALL(DVK_IOCTPROXYUNBIND) CALL(DVK_IOCSRCVRQST) CALL(DVK_IOCGGETDCINFO) CALL(DVK_IOCGGETNODEINFO) CALL(DVK_IOCSRELAY)
    CALL(DVK_IOCSWAKEUP) CALL(DVK_IOCSPUT2LCL) CALL(DVK_IOCSADDNODE) CALL(DVK_IOCSDELNODE) CALL(DVK_IOCSDVSINIT) CALL(DVK_IOCSPROXYCONN)
    CALL(DVK_IOCSWAIT4BIND) CALL(DVK_IOCSUNBIND) CALL(DVK_IOCSSEND) CALL(DVK_IOCSRECEIVE) CALL(DVK_IOCSSENDREC) CALL(DVK_IOCSNOTIFY)
    CALL(DVK_IOCSREPLY) CALL(DVK_IOCSSETPRIV) CALL(DVK_IOCGGETPRIV) CALL(DVK_IOCGGET2RMT) CALL(DVK_IOCGGETPXINFO) CALL(DVK_IOCSNODEUP)
    CALL(DVK_IOCGGETPRINFO) CALL(DVK_IOCSDVKBIND) CALL(DVK_IOCSPROXYBIND) CALL(DVK_IOCSMIGRATE) CALL(DVK_IOCSVCOPY)
    return (int)used;
}

/* Facts of libc and the kernel that the library under test has written down. */
EXPORT int dvk_standin_sigaction(int fact)
{
    switch (fact) {
    case 0: return sizeof(struct sigaction);
    case 1: return offsetof(struct sigaction, sa_handler);
    case 2: return offsetof(struct sigaction, sa_mask);
    case 3: return offsetof(struct sigaction, sa_flags);
    case 4: return offsetof(struct sigaction, sa_restorer);
    case 5: return sizeof(sigset_t);
    case 6: return SYS_gettid;
    case 7: return SYS_tgkill;
    }
    return -1;
}
