/* Proxy pairs: registration, connection, get2rmt. */
#define _GNU_SOURCE
#include <signal.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "dvk_standin.h"

#define TAKE(type, name) \
    type name; \
    { int failed = take(arg, &name, sizeof(name), _Alignof(type), #type); if (failed) return failed; }

pair_t *pair_of_thread(driver_t *d, pid_t tid, int *role, int *pxid)
{
    for (int px = 0; px < MAX_PAIRS; px++)
        for (*role = 0; *role < 2; (*role)++)
            if (d->pair[px].bound && d->pair[px].tid[*role] == tid) { *pxid = px; return &d->pair[px]; }
    return NULL;
}

static void mark_nodes(driver_t *d, int px)
{
    for (int i = 0; i < MAX_NODES; i++) {
        if (!(d->pair[px].nodes & 1UL << i)) continue;
        d->node[i].n_flags &= ~(unsigned long)(NODE_SCONN | NODE_RCONN);
        if (d->pair[px].flags & PAIR_SCONN) d->node[i].n_flags |= NODE_SCONN;
        if (d->pair[px].flags & PAIR_RCONN) d->node[i].n_flags |= NODE_RCONN;
    }
}

/* Local processes that wait for the other side fail; what they had queued is dropped. */
void pair_disconnect(driver_t *d, int px)
{
    for (int dcid = 0; dcid < MAX_DCS; dcid++) {
        if (!d->dc[dcid].running) continue;
        for (int i = 0; i < MAX_SLOTS; i++) {
            slot_t *s = &d->dc[dcid].slot[i];
            if (!s->used || s->u.p_rts_flags & RTS_REMOTE || s->awaiting == NONE) continue;
            slot_t *other = slot_by_endpoint(d, dcid, s->awaiting);
            if (!other || !other->used || pair_of_node(d, other->u.p_nodeid) != px) continue;
            cancel_command(d, s);
            finish(s, EDVSNOTCONN);
        }
    }
}

static void flush(driver_t *d, pair_t *pair)
{
    while (pair->head) {
        int index = pair->head;
        op_t *op = &d->op[index - 1];
        pair->head = op->next;
        if (op->owner >= 0 && d->dc[op->dc].slot[op->owner].op == index) {
            d->dc[op->dc].slot[op->owner].op = 0;
            finish(&d->dc[op->dc].slot[op->owner], EDVSNOTCONN);
        }
        op->next = d->free_op;
        d->free_op = index;
    }
    pair->tail = 0;
}

static void free_pair(driver_t *d, int px)
{
    pair_t *pair = &d->pair[px];
    for (int i = 0; i < MAX_NODES; i++) {
        if (!(pair->nodes & 1UL << i)) continue;
        for (int dcid = 0; dcid < MAX_DCS; dcid++) if (d->dc[dcid].running) d->dc[dcid].u.dc_nodes &= ~(1UL << i);
        memset(&d->node[i], 0, sizeof(node_usr_t));
        d->node[i].n_nodeid = i;
        d->node[i].n_proxies = -1;
    }
    pair->bound = pair->flags = 0;
    pair->nodes = 0;
    wake(&pair->futex);
}

void pair_thread_gone(call_t *c, int px, int role)
{
    pair_t *pair = &c->d->pair[px];
    pair->tid[role] = 0;
    pair->flags &= role == 0 ? ~PAIR_SCONN : ~PAIR_RCONN;
    pair_disconnect(c->d, px);
    if (role == 0) flush(c->d, pair);
    mark_nodes(c->d, px);
    int other = pair->tid[1 - role];
    if (!other) free_pair(c->d, px);
    else if (c->in->sigterm) syscall(SYS_tgkill, pair->pid, other, SIGTERM);
}

int call_proxies_bind(call_t *c, void *arg)
{
    driver_t *d = c->d;
    char name[NAME_SIZE];
    TAKE(parm_pxbind_t, parm)
    int failed = take_name(parm.parm_name, name, "name of proxies_bind");
    if (failed) return failed;
    if (parm.parm_pxid < 0 || parm.parm_pxid >= d->dvs.d_nr_nodes) return EDVSRANGE;
    reap(c);
    pair_t *pair = &d->pair[parm.parm_pxid];
    if (pair->bound) return EDVSRSCBUSY;
    if (!thread_alive(c->pid, parm.parm_spid) || !thread_alive(c->pid, parm.parm_rpid)) return EDVSBADPID;
    if (parm.parm_maxbuf > d->dvs.d_max_copybuf) return EDVS2BIG;
    if (parm.parm_maxbuf < 1) return EDVSINVAL;
    uint32_t futex = pair->futex;
    memset(pair, 0, sizeof(*pair));
    pair->futex = futex;
    pair->bound = 1;
    pair->flags = PAIR_INUSE;
    pair->maxbuf = parm.parm_maxbuf;
    pair->pid = c->pid;
    pair->tid[0] = parm.parm_spid;
    pair->tid[1] = parm.parm_rpid;
    memcpy(pair->name, name, NAME_SIZE);
    return 0;
}

int call_proxies_unbind(call_t *c, int px)
{
    driver_t *d = c->d;
    if (px < 0 || px >= d->dvs.d_nr_nodes) return EDVSRANGE;
    pair_t *pair = &d->pair[px];
    reap(c);
    if (!pair->bound) return EDVSNOPROXY;
    int receiver = pair->tid[1];
    pid_t pid = pair->pid;
    pair->closing = 1;
    pair->flags &= ~(PAIR_SCONN | PAIR_RCONN);
    pair_disconnect(d, px);
    flush(d, pair);
    pair->tid[0] = 0;
    mark_nodes(d, px);
    wake(&pair->futex);
    if (!receiver) { free_pair(d, px); return 0; }
    if (c->in->sigterm) syscall(SYS_tgkill, pid, receiver, SIGTERM);
    while (pair->bound && pair->tid[1] == receiver) {
        if (nap(d, &pair->futex, INT64_MAX)) return EDVSINTR;
        reap(c);
    }
    return 0;
}

int call_proxy_conn(call_t *c, void *arg)
{
    driver_t *d = c->d;
    TAKE(parm_pxconn_t, parm)
    if (parm.parm_pxid < 0 || parm.parm_pxid >= d->dvs.d_nr_nodes) return EDVSRANGE;
    if (parm.parm_sts < 1 || parm.parm_sts > 4) { violation("proxy_conn status %d", parm.parm_sts); return EDVSINVAL; }
    pair_t *pair = &d->pair[parm.parm_pxid];
    if (!pair->bound || pair->closing) return EDVSNOPROXY;
    int bit = parm.parm_sts % 2 ? PAIR_SCONN : PAIR_RCONN;
    if (parm.parm_sts <= 2) pair->flags |= bit;
    else pair->flags &= ~bit;
    mark_nodes(d, parm.parm_pxid);
    if (parm.parm_sts > 2) pair_disconnect(d, parm.parm_pxid);
    wake(&pair->futex);
    return 0;
}

int call_getproxyinfo(call_t *c, void *arg)
{
    driver_t *d = c->d;
    TAKE(parm_proxyinfo_t, parm)
    if (parm.parm_pxid < 0 || parm.parm_pxid >= d->dvs.d_nr_nodes) return EDVSRANGE;
    reap(c);
    pair_t *pair = &d->pair[parm.parm_pxid];
    for (int role = 0; role < 2; role++) {
        proc_usr_t u;
        memset(&u, 0, sizeof(u));
        u.p_nr = parm.parm_pxid;
        u.p_endpoint = u.p_getfrom = u.p_sendto = u.p_waitmigr = u.p_waitunbind = NONE;
        u.p_dcid = -1;
        u.p_nodeid = d->nodeid;
        u.p_proxy = pair->bound ? parm.parm_pxid : -1;
        u.p_lpid = u.p_vpid = pair->bound && pair->tid[role] ? pair->tid[role] : -1;
        u.p_rts_flags = pair->bound ? 0 : RTS_SLOT_FREE;
        if (pair->bound) u.p_misc_flags = MISC_PROXY | (pair->flags & (role ? PAIR_RCONN : PAIR_SCONN) ? MISC_CONNECTED : 0);
        u.p_rmtsent = role ? pair->received : pair->sent;
        if (pair->bound) memcpy(u.p_name, pair->name, NAME_SIZE);
        int failed = give(role ? parm.parm_rpx : parm.parm_spx, &u, sizeof(u), _Alignof(proc_usr_t), "proc_usr_t of getproxyinfo");
        if (failed) return failed;
    }
    return 0;
}

static int carries_block(const cmd_t *cmd)
{
    return cmd->c_cmd == CMD_COPYIN_DATA || cmd->c_cmd == CMD_COPYIN_RQST || (cmd->c_cmd == CMD_COPYOUT_DATA && cmd->c_rcode == 0);
}

/* The block comes from the source's memory at the moment of the hand-out. */
static int fetch_block(driver_t *d, cmd_t *cmd, char *payload)
{
    char *block = d->scratch;
    slot_t *source = slot_by_endpoint(d, cmd->c_dcid, cmd->c_vcopy.v_src);
    if (!source || !source->used || source->u.p_endpoint != cmd->c_vcopy.v_src) return EDVSSRCDIED;
    int failed = read_memory(source->pid, cmd->c_vcopy.v_saddr, block, cmd->c_vcopy.v_bytes);
    if (!failed && cmd->c_vcopy.v_bytes) failed = write_memory(getpid(), payload, block, cmd->c_vcopy.v_bytes);
    cmd->c_len = failed ? 0 : cmd->c_vcopy.v_bytes;
    return failed;
}

/* 0: hand it out; otherwise the operation failed back to its process. */
static int prepare(driver_t *d, op_t *op, char *payload)
{
    cmd_t *cmd = &op->cmd;
    slot_t *owner = op->owner >= 0 ? &d->dc[op->dc].slot[op->owner] : NULL;
    int failed = 0;
    if (!d->dc[op->dc].running) failed = EDVSDCNOTRUN;
    else if (owner && !(d->dc[op->dc].u.dc_nodes & 1UL << cmd->c_dnode)) failed = EDVSNODCNODE;
    else if (carries_block(cmd)) {
        failed = fetch_block(d, cmd, payload);
        if (failed && cmd->c_cmd == CMD_COPYOUT_DATA) { cmd->c_rcode = failed; cmd->c_len = 0; failed = 0; }
    }
    if (failed && owner) finish(owner, failed);
    return failed;
}

static int take_operation(driver_t *d, pair_t *pair, const parm_get2rmt_t *parm)
{
    int index = pair->head;
    op_t op = d->op[index - 1];
    pair->head = op.next;
    if (!pair->head) pair->tail = 0;
    d->op[index - 1].next = d->free_op;
    d->free_op = index;
    slot_t *owner = op.owner >= 0 ? &d->dc[op.dc].slot[op.owner] : NULL;
    if (owner) owner->op = 0;
    int failed = prepare(d, &op, parm->parm_pay);
    if (failed) return failed;
    op.cmd.c_flags = op.cmd.c_snd_seq = op.cmd.c_ack_seq = 0;
    op.cmd.c_batch_nr = 0;
    clock_gettime(CLOCK_REALTIME, &op.cmd.c_timestamp);
    if (owner) op.cmd.c_pid = owner->u.p_lpid;
    node_usr_t *node = &d->node[op.cmd.c_dnode];
    node->n_pxsent++;
    node->n_stimestamp = op.cmd.c_timestamp;
    pair->sent++;
    if (owner) owner->u.p_rmtsent++;
    failed = give(parm->parm_cmd, &op.cmd, sizeof(cmd_t), _Alignof(cmd_t), "cmd_t of get2rmt");
    if (!failed && owner && op.cmd.c_cmd == CMD_NTFY_MSG) finish(owner, 0);
    return failed;
}

int call_get2rmt(call_t *c, void *arg)
{
    driver_t *d = c->d;
    int role, px, dcid;
    TAKE(parm_get2rmt_t, parm)
    int failed = check_timeout(parm.parm_tout, "get2rmt");
    if (failed) return failed;
    pair_t *pair = pair_of_thread(d, c->tid, &role, &px);
    if (!pair) return slot_of_thread(d, c->tid, c->pid, &dcid) ? EDVSNOPROXY : EDVSNOTBIND;
    if (role != 0) return EDVSBADPROXY;
    if ((failed = touch_writable(parm.parm_pay, pair->maxbuf, "payload of get2rmt"))
        || (failed = touch_writable(parm.parm_cmd, sizeof(cmd_t), "cmd_t of get2rmt"))) return failed;
    int64_t deadline = deadline_of(parm.parm_tout);
    while (1) {
        if (!pair->bound || pair->closing || pair->tid[0] != c->tid) return EDVSSHUTDOWN;
        if (!(pair->flags & PAIR_SCONN)) return EDVSNOTCONN;
        if (pair->head) return take_operation(d, pair, &parm);
        if (now_ms() >= deadline) return EDVSTIMEDOUT;
        if (nap(d, &pair->futex, deadline)) return EDVSINTR;
    }
}
