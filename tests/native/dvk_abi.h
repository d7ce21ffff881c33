/* The interface of the DVK driver, as a C program declares it. Written from the description of the driver, not from any other code here;
 * gcc lays it out for the machine's data model. dvk_layout.c prints the result, which a test holds against the published tables. */
#ifndef DVK_ABI_H
#define DVK_ABI_H

#include <linux/ioctl.h>
#include <time.h>

#define DVS_VERSION 202202
#define NAME_SIZE 16
#define ANY 0x7ace
#define NONE 0x6ace
#define SELF 0x8ace
#define NOTIFY_BASE 0x1000

/* The forms of a message's body. All of them are declared: in a 32-bit program the longest is M6, which is not so in a 64-bit one. */
typedef struct { int m1i1, m1i2, m1i3; char *m1p1, *m1p2, *m1p3; } mess_1;
typedef struct { int m2i1, m2i2, m2i3; long m2l1, m2l2; char *m2p1; } mess_2;
typedef struct { int m3i1, m3i2; char *m3p1; char m3ca1[14]; } mess_3;
typedef struct { long m4l1, m4l2, m4l3, m4l4, m4l5; } mess_4;
typedef struct { short m5c1, m5c2; int m5i1, m5i2; long m5l1, m5l2, m5l3; } mess_5;
typedef struct { char m6ca1[sizeof(long) == 8 ? 32 : 28]; } mess_6;
typedef struct { int m7i1, m7i2, m7i3, m7i4; char *m7p1, *m7p2; } mess_7;
typedef struct { int m8i1, m8i2; char *m8p1, *m8p2, *m8p3, *m8p4; } mess_8;
typedef struct { int m9i1; int m9l1; struct timespec m9t1; } mess_9;
typedef struct { int mAdst, mAnr, mAia[4]; } mess_A;
typedef struct { long mBnr; unsigned char mBmd5[16]; } mess_B;
typedef struct { int mCi1, mCi2, mCi3, mCi4; char mCca1[10]; } mess_C;
typedef struct {
    int m_source;
    int m_type;
    union {
        mess_1 m_m1; mess_2 m_m2; mess_3 m_m3; mess_4 m_m4; mess_5 m_m5; mess_6 m_m6; mess_7 m_m7; mess_8 m_m8; mess_9 m_m9;
        mess_A m_mA; mess_B m_mB; mess_C m_mC;
    } m_u;
} message;

typedef struct { int v_src, v_dst, v_rqtr; char *v_saddr, *v_daddr; int v_bytes; } vcopy_t;

typedef struct {
    int c_cmd, c_dcid, c_src, c_dst, c_snode, c_dnode, c_rcode, c_len, c_pid, c_batch_nr;
    unsigned long c_flags, c_snd_seq, c_ack_seq;
    struct timespec c_timestamp;
    message c_msg;
    vcopy_t c_vcopy;
} cmd_t;

typedef struct {
    char d_name[NAME_SIZE];
    int d_nr_dcs, d_nr_nodes, d_nr_procs, d_nr_tasks, d_nr_sysprocs, d_max_copybuf, d_max_copylen;
    unsigned long d_dbglvl;
    int d_version;
    unsigned long d_flags;
    int d_size_proc;
} dvs_usr_t;

typedef struct { unsigned long bits[1024 / (8 * sizeof(unsigned long))]; } cpumask_record;

typedef struct {
    int dc_dcid, dc_flags, dc_nr_procs, dc_nr_tasks, dc_nr_sysprocs, dc_nr_nodes;
    unsigned long dc_nodes;
    int dc_warn2proc, dc_warnmsg, dc_pid;
    char dc_name[NAME_SIZE];
    cpumask_record dc_cpumask;
} dc_usr_t;

typedef struct {
    int n_nodeid;
    unsigned long n_flags;
    int n_proxies;
    unsigned long n_dcs;
    struct timespec n_stimestamp, n_rtimestamp;
    unsigned long n_pxsent, n_pxrcvd;
    char n_name[NAME_SIZE];
} node_usr_t;

typedef struct {
    int p_nr, p_endpoint, p_dcid;
    unsigned long p_rts_flags;
    int p_lpid, p_vpid, p_nodeid;
    unsigned long p_nodemap, p_misc_flags;
    int p_getfrom, p_sendto, p_waitmigr, p_waitunbind, p_proxy;
    unsigned long p_lclsent, p_rmtsent, p_lclcopy, p_rmtcopy;
    char p_name[NAME_SIZE];
    cpumask_record p_cpumask;
} proc_usr_t;

typedef struct { message *parm_mptr; long parm_tout; } parm_rcvrqst_t;
typedef struct { int parm_dcid; dc_usr_t *parm_dc; } parm_getdcinfo_t;
typedef struct { int parm_nodeid; node_usr_t *parm_node; } parm_getnodeinfo_t;
typedef struct { int parm_ep; message *parm_mptr; } parm_relay_t;
typedef struct { int parm_dcid, parm_ep; } parm_wakeup_t;
typedef struct { cmd_t *parm_cmd; char *parm_pay; } parm_put2lcl_t;
typedef struct { int parm_dcid, parm_nodeid; } parm_dcnode_t;
typedef struct { int parm_nodeid; dvs_usr_t *parm_dvs; } parm_dvsinit_t;
typedef struct { int parm_pxid, parm_sts; } parm_pxconn_t;
typedef struct { int parm_cmd, parm_ep; long parm_tout; } parm_wait4bind_t;
typedef struct { int parm_dcid, parm_ep; long parm_tout; } parm_unbind_t;
typedef struct { int parm_ep; message *parm_mptr; long parm_tout; } parm_ipc_t;
typedef struct { int parm_nr, parm_ep, parm_val; } parm_notify_t;
typedef struct { cmd_t *parm_cmd; char *parm_pay; long parm_tout; } parm_get2rmt_t;
typedef struct { char *parm_name; int parm_nodeid, parm_pxid; } parm_nodeup_t;
typedef struct { int parm_pxid; proc_usr_t *parm_spx, *parm_rpx; } parm_proxyinfo_t;
typedef struct { int parm_cmd, parm_dcid, parm_pid, parm_ep, parm_nodeid; } parm_bind_t;
typedef struct { char *parm_name; int parm_pxid, parm_spid, parm_rpid, parm_maxbuf; } parm_pxbind_t;
typedef struct { int parm_dcid, parm_nr; proc_usr_t *parm_proc; } parm_procinfo_t;

#define DVK_TYPE 0xE3
#define DVK_IOCSDCINIT _IOW(DVK_TYPE, 1, int)
#define DVK_IOCSSEND _IOW(DVK_TYPE, 2, int)
#define DVK_IOCSRECEIVE _IOW(DVK_TYPE, 3, int)
#define DVK_IOCSNOTIFY _IOW(DVK_TYPE, 4, int)
#define DVK_IOCSSENDREC _IOW(DVK_TYPE, 5, int)
#define DVK_IOCSRCVRQST _IOW(DVK_TYPE, 6, int)
#define DVK_IOCSREPLY _IOW(DVK_TYPE, 7, int)
#define DVK_IOCTDCEND _IOW(DVK_TYPE, 8, int)
#define DVK_IOCSDVKBIND _IOW(DVK_TYPE, 9, int)
#define DVK_IOCSUNBIND _IOW(DVK_TYPE, 10, int)
#define DVK_IOCGGETPRIV _IOR(DVK_TYPE, 11, int)
#define DVK_IOCSSETPRIV _IOW(DVK_TYPE, 12, int)
#define DVK_IOCSVCOPY _IOW(DVK_TYPE, 13, int)
#define DVK_IOCGGETDCINFO _IOR(DVK_TYPE, 14, int)
#define DVK_IOCGGETPRINFO _IOR(DVK_TYPE, 15, int)
#define DVK_IOCSRELAY _IOW(DVK_TYPE, 16, int)
#define DVK_IOCSPROXYBIND _IOW(DVK_TYPE, 17, int)
#define DVK_IOCTPROXYUNBIND _IOW(DVK_TYPE, 18, int)
#define DVK_IOCGGETNODEINFO _IOR(DVK_TYPE, 19, int)
#define DVK_IOCSPUT2LCL _IOW(DVK_TYPE, 20, int)
#define DVK_IOCGGET2RMT _IOR(DVK_TYPE, 21, int)
#define DVK_IOCSADDNODE _IOW(DVK_TYPE, 22, int)
#define DVK_IOCSDELNODE _IOW(DVK_TYPE, 23, int)
#define DVK_IOCSDVSINIT _IOW(DVK_TYPE, 24, int)
#define DVK_IOCTDVSEND _IO(DVK_TYPE, 25)
#define DVK_IOCQGETEP _IOR(DVK_TYPE, 26, int)
#define DVK_IOCGGETDVSINFO _IOR(DVK_TYPE, 27, int)
#define DVK_IOCSPROXYCONN _IOW(DVK_TYPE, 28, int)
#define DVK_IOCSWAIT4BIND _IOW(DVK_TYPE, 29, int)
#define DVK_IOCSMIGRATE _IOW(DVK_TYPE, 30, int)
#define DVK_IOCSNODEUP _IOW(DVK_TYPE, 31, int)
#define DVK_IOCTNODEDOWN _IOW(DVK_TYPE, 32, int)
#define DVK_IOCGGETPXINFO _IOR(DVK_TYPE, 33, int)
#define DVK_IOCSWAKEUP _IOW(DVK_TYPE, 34, int)

enum {
    CMD_SEND_MSG = 1, CMD_NTFY_MSG, CMD_SNDREC_MSG, CMD_REPLY_MSG, CMD_COPYIN_DATA, CMD_COPYOUT_RQST, CMD_COPYLCL_RQST,
    CMD_COPYRMT_RQST, CMD_COPYIN_RQST, CMD_ACK = 0x2000,
    CMD_SEND_ACK = CMD_ACK | CMD_SEND_MSG, CMD_SNDREC_ACK = CMD_ACK | CMD_SNDREC_MSG, CMD_COPYIN_ACK = CMD_ACK | CMD_COPYIN_DATA,
    CMD_COPYOUT_DATA = CMD_ACK | CMD_COPYOUT_RQST, CMD_COPYLCL_ACK = CMD_ACK | CMD_COPYLCL_RQST,
    CMD_COPYRMT_ACK = CMD_ACK | CMD_COPYRMT_RQST
};

enum {
    EDVSINTR = -4, EDVS2BIG = -7, EDVSAGAIN = -11, EDVSNOMEM = -12, EDVSFAULT = -14, EDVSBUSY = -16, EDVSINVAL = -22, EDVSRANGE = -34,
    EDVSBADDEST = -55, EDVSTIMEDOUT = -61, EDVSNOTCONN = -64, EDVSSHUTDOWN = -65, EDVSGENERIC = -99, EDVSLOCKED = -101,
    EDVSBADCALL = -102, EDVSDEADSRCDST = -105, EDVSBADREQUEST = -107, EDVSSRCDIED = -108, EDVSDSTDIED = -109, EDVSTRAPDENIED = -110,
    EDVSBADNODEID = -301, EDVSBADDCID = -302, EDVSDCNOTRUN = -303, EDVSBADPROC = -304, EDVSBADPID = -305, EDVSENDPOINT = -306,
    EDVSNOPROXY = -307, EDVSRMTPROC = -308, EDVSLCLPROC = -309, EDVSNOTBIND = -310, EDVSPROXYRUN = -311, EDVSACKDST = -312,
    EDVSACKSRC = -313, EDVSNONODE = -316, EDVSDVSBUSY = -317, EDVSDVSINIT = -318, EDVSNODCNODE = -319, EDVSPROCRUN = -320,
    EDVSPROCSTS = -324, EDVSNODEFREE = -325, EDVSDCNODE = -326, EDVSONCOPY = -328, EDVSENQUEUED = -329, EDVSPROXYFREE = -333,
    EDVSPRIVILEGES = -335, EDVSBINDTYPE = -336, EDVSSLOTUSED = -337, EDVSBADRANGE = -338, EDVSBADVALUE = -339, EDVSRSCBUSY = -342,
    EDVSPROXYID = -345, EDVSWOKENUP = -348, EDVSUSR2USR = -350
};

enum { RTS_SLOT_FREE = 1, RTS_SENDING = 4, RTS_RECEIVING = 8, RTS_ONCOPY = 0x400, RTS_REMOTE = 0x1000, RTS_RMTOP = 0x2000 };
enum {
    MISC_PROXY = 1, MISC_CONNECTED = 2, MISC_NOTIFY = 4, MISC_BACKUP = 0x10, MISC_LEADER = 0x20, MISC_REPLICA = 0x80, MISC_ENDING = 0x100,
    MISC_USERMODE = 0x400, MISC_SENDREC = 0x2000
};
enum { DC_FREE = 2 };
enum { DVS_FLAGS = 0x101 };     /* IPC, initialised */
enum { PAIR_INUSE = 1, PAIR_SCONN = 2, PAIR_RCONN = 4 };
enum { NODE_ATTACHED = 2, NODE_SCONN = 4, NODE_RCONN = 8 };
enum { BIND_SELF, BIND_LOCAL, BIND_REMOTE, BIND_BACKUP, BIND_REPLICA, BIND_USER };
enum { WAIT_BIND, WAIT_UNBIND };
enum { HARDWARE = -1 };

#endif
