/* A stand-in for the DVK driver, for tests: a shared object that is preloaded and takes over open, ioctl and close of /dev/dvk and the
 * reading of /proc/dvs. It answers as the kernel module was seen to; README.md says how it differs where the module never lets go of a caller. */
#ifndef DVK_STANDIN_H
#define DVK_STANDIN_H

#include <pthread.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>
#include "dvk_abi.h"

#define EXPORT __attribute__((visibility("default")))

#define MAX_NODES 32
#define MAX_DCS 32
#define MAX_PAIRS 32
#define MAX_PROCS 221
#define MAX_TASKS 35
#define MAX_SYSPROCS 64
#define MAX_SLOTS 256
#define MAX_COPYBUF 65536
#define MAX_COPYLEN 1048576
#define MAX_CPU_MASK 1024
#define MAX_OPS 4096
#define MAX_INSTANCES 1024
#define COPY_TIMEOUT 30000

/* What a local process waits for in the driver. */
enum { W_NONE, W_SEND, W_SENDREC, W_REPLY, W_NOTIFY, W_RECEIVE, W_COPY };

/* One process slot, local or remote. Links are slot index + 1, so that zero is none. */
typedef struct {
    proc_usr_t u;
    int used;
    pid_t pid;              /* process of a local thread */
    unsigned long bound_at; /* a thread bound twice is the later one */
    int wait;
    int done;               /* the wait is over, with this result: */
    int result;
    int outgoing_request;   /* what it is queued with is a sendrec */
    int queued_at;          /* slot in whose queue of senders it is */
    int queue_head;         /* senders that wait for this one */
    int queue_next;
    cmd_t request;          /* own operation for another node */
    int op;                 /* where that is queued, index + 1; 0 once handed out */
    int remote;             /* what it waits for is done by another node */
    int ending;             /* its thread is gone; it goes when the DC's warn endpoint has answered */
    int stuck;              /* strict: whoever calls in its name is never let go */
    int part[2];            /* source and destination of a copy in progress, where local */
    uint32_t futex;
    message msg;            /* sent, or delivered */
    uint64_t pending[MAX_SLOTS / 64];
} slot_t;

typedef struct {
    dc_usr_t u;
    int running;
    int ending;             /* strict: dc_end waits; meanwhile no process gets out of it */
    slot_t slot[MAX_SLOTS];
} dc_t;

typedef struct {
    cmd_t cmd;
    int next;
    int dc;
    int owner;              /* slot index of the local process it belongs to, -1 for an acknowledgement */
} op_t;

/* The first of the two threads to end frees a pair. The other one can go on with it until it ends too, or others are bound. */
typedef struct {
    int bound;
    int flags;
    int maxbuf;
    pid_t pid;
    int tid[2];             /* sender, receiver; 0 once gone */
    unsigned long bound_at; /* a thread bound to two pairs is of the later one */
    char thread_name[2][NAME_SIZE];
    int slept;              /* the sender has waited for a command */
    int stuck;              /* strict: whoever calls about it is never let go */
    int left[2];            /* threads it was taken from from outside: their calls end with EDVSSHUTDOWN */
    char name[NAME_SIZE];
    unsigned long nodes;
    int head, tail;         /* operations, index + 1 */
    uint32_t futex;
    unsigned long sent, received;
} pair_t;

typedef struct {
    uint32_t magic;
    pthread_mutex_t lock;
    int initialised;
    int nodeid;
    dvs_usr_t dvs;
    node_usr_t node[MAX_NODES];
    pair_t pair[MAX_PAIRS];
    int free_op;
    op_t op[MAX_OPS];
    char scratch[65536];    /* not in thread-local memory: that comes out of the stacks of the runtime's small threads */
    uint32_t bind_futex;    /* counts binds and unbinds */
    uint32_t never;
    unsigned long binds;
    dc_t dc[MAX_DCS];
} driver_t;

/* How one opened device behaves; see README.md. */
typedef struct {
    char name[32];
    driver_t *driver;
    int version;
    int model32;
    int unprivileged;
    int slot_size;
    int tasks;
    int open_errno;
    int enter_delay_ms;
    int sigterm;
    int strict;
    int cpu_mask;           /* bytes of the kernel's CPU mask */
    int open;               /* descriptors */
} instance_t;

/* The call in progress. */
typedef struct {
    instance_t *in;
    driver_t *d;
    pid_t pid, tid;
} call_t;

/* check.c */
void violation(const char *format, ...) __attribute__((format(printf, 1, 2)));
int take(const void *from, void *to, size_t size, size_t alignment, const char *what);
int give(void *to, const void *from, size_t size, size_t alignment, const char *what);
int touch_writable(void *to, size_t size, const char *what);
int take_name(const char *from, char name[NAME_SIZE], const char *what);
int check_timeout(long milliseconds, const char *what);
int read_memory(pid_t pid, const char *from, void *to, size_t size);
int write_memory(pid_t pid, char *to, const void *from, size_t size);

/* The argument of a call, taken over into a variable. */
#define TAKE(type, name) \
    type name; \
    { int take_failed = take(arg, &name, sizeof(name), _Alignof(type), #type); if (take_failed) return take_failed; }

/* state.c */
instance_t *instance_open(const char *suffix, int *error);
void driver_lock(driver_t *d);
void driver_unlock(driver_t *d);
int64_t now_ms(void);
int64_t deadline_of(long milliseconds);
int nap(driver_t *d, uint32_t *futex, int64_t deadline);
int sleep_on(driver_t *d, uint32_t *futex, const int *done, int64_t deadline);
void wake(uint32_t *futex);
void never_return(driver_t *d) __attribute__((noreturn));
extern instance_t g_instances[MAX_INSTANCES];
extern int g_instance_count;

/* threads.c */
int thread_alive(pid_t pid, pid_t tid);
void thread_name(pid_t pid, pid_t tid, char name[NAME_SIZE]);
void terminate(call_t *c, pid_t pid, pid_t tid);
void reap(call_t *c);
void watch_threads(void);
void watch_thread(void);

/* caller.c */
int find_caller(call_t *c, slot_t **me, int *dcid);
int check_caller(call_t *c, unsigned long request, slot_t **me, int *dcid);
int may_call(driver_t *d, int dcid, const slot_t *s, unsigned long request);
uint64_t calls_of(driver_t *d, int dcid, const slot_t *s);
uint64_t calls_of_proxy(int role);
void mark_stuck(call_t *c, slot_t *s);
int check_pair(call_t *c, int role, pair_t **pair, int *px);

/* records.c */
int give_record(call_t *c, void *to, const void *record, size_t mask_at, size_t alignment, const char *what);
int take_dc(call_t *c, const void *from, dc_usr_t *dc);

/* slots.c */
slot_t *slot_by_number(driver_t *d, int dcid, int nr);
slot_t *slot_by_endpoint(driver_t *d, int dcid, int endpoint);
slot_t *slot_of_thread(driver_t *d, pid_t tid, pid_t pid, int *dcid);
int number_of(driver_t *d, int endpoint);
int in_range(driver_t *d, int dcid, int nr);
int is_system(driver_t *d, int dcid, const slot_t *s);
void slot_clear(driver_t *d, int dcid, slot_t *s);
int is_receiving(const slot_t *s);
slot_t *slot_at(driver_t *d, int dcid, int link);
int link_of(driver_t *d, int dcid, const slot_t *s);
void unqueue(driver_t *d, int dcid, slot_t *s);
void cancel_wait(driver_t *d, slot_t *s);
void finish(driver_t *d, slot_t *s, int result);
void begin_wait(slot_t *s, int wait);
int wait_done(driver_t *d, slot_t *s, long timeout);
void slot_release(driver_t *d, int dcid, slot_t *s);

/* queue.c */
int queue_request(driver_t *d, int dcid, slot_t *owner);
int queue_answer(driver_t *d, const cmd_t *cmd, int only_if_connected);
int answer(driver_t *d, const cmd_t *request, int code, int result, int only_if_connected);
int answer_send(driver_t *d, int dcid, slot_t *remote, int by, int result);
void take_back(driver_t *d, slot_t *s);
void flush_pair(driver_t *d, int px, int nodeid);
int route(driver_t *d, int dcid, int nodeid);
int pair_of_node(driver_t *d, int nodeid);
cmd_t command(driver_t *d, int code, int dcid, int src, int dst, int dnode);

/* calls; all run with the driver's lock held and return a result or a negative DVS error */
int valid_node(driver_t *d, int nodeid);
int find_dc(driver_t *d, int dcid);
unsigned long dcs_of_node(driver_t *d, int nodeid);
int call_dvs_init(call_t *c, void *arg);
int call_dvs_end(call_t *c);
int call_getdvsinfo(call_t *c, void *arg);
int call_dc_init(call_t *c, void *arg);
int call_dc_end(call_t *c, int dcid);
int call_getdcinfo(call_t *c, void *arg);
int call_add_node(call_t *c, void *arg);
int call_del_node(call_t *c, void *arg);
int call_node_up(call_t *c, void *arg);
int call_node_down(call_t *c, int nodeid);
int call_getnodeinfo(call_t *c, void *arg);
int call_getprocinfo(call_t *c, void *arg);
int call_proxies_bind(call_t *c, void *arg);
int call_proxies_unbind(call_t *c, int pxid);
int call_proxy_conn(call_t *c, void *arg);
int call_getproxyinfo(call_t *c, void *arg);
int call_get2rmt(call_t *c, void *arg);
int call_put2lcl(call_t *c, void *arg);
int call_bind(call_t *c, void *arg);
int call_unbind(call_t *c, void *arg);
int call_wait4bind(call_t *c, void *arg);
int call_getep(call_t *c, int pid);
int call_send(call_t *c, void *arg);
int call_sendrec(call_t *c, void *arg);
int call_receive(call_t *c, void *arg);
int call_rcvrqst(call_t *c, void *arg);
int call_reply(call_t *c, void *arg);
int call_notify(call_t *c, void *arg);
int call_wakeup(call_t *c, void *arg);
int call_vcopy(call_t *c, void *arg);

/* messages.c */
int accepts(const slot_t *to, int from);
void deliver(driver_t *d, slot_t *to, int from, const message *m);
void queue_at(driver_t *d, int dcid, slot_t *to, slot_t *from, int is_request);
void settle(slot_t *remote);

/* notify.c */
void set_pending(driver_t *d, int dcid, slot_t *to, int nr);
int take_pending(driver_t *d, int dcid, slot_t *me, int from);

/* pairs.c, nodes.c, admin.c */
pair_t *pair_of_thread(driver_t *d, pid_t tid, int *role, int *pxid);
void fail_waiting(driver_t *d, unsigned long nodes, int result);
void disconnect(driver_t *d, int px, int flag);
void end_pair(driver_t *d, int px);
void free_node(driver_t *d, int nodeid);
void end_dc(driver_t *d, int dcid);
void pair_thread_gone(call_t *c, int pxid, int role);

/* put2lcl.c, put_copy.c: a command of a peer */
typedef struct {
    call_t *c;
    driver_t *d;
    cmd_t cmd;
    char *payload;
    pair_t *pair;
    slot_t *src, *dst;
} incoming_t;

int put_copy(incoming_t *i);
void end_receive_of(driver_t *d, slot_t *source);
int copy_blocks(driver_t *d, const vcopy_t *v, slot_t *from, slot_t *to);
void answer_requester(incoming_t *i, int by, int result);

/* views.c, privilege_views.c */
typedef struct { char *text; size_t used, room; } out_t;

void put(out_t *o, const char *format, ...) __attribute__((format(printf, 2, 3)));
int view_text(call_t *c, const char *name, char *text, size_t room);
int view_privileges(driver_t *d, const char *name, int dcid, out_t *o);

#endif
