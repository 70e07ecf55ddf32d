/*
 * smbench.h: the contract between the smbench host and a backend plugin, for C11 and C++17.
 *
 * A plugin is a shared library that exports one function, smb_plugin_entry_v1, which returns its table (smb_api).
 * Everything else hangs off the table by name: ops ("matmul/1") and extensions ("memory/1").
 *
 *     const smb_api *smb_plugin_entry_v1(uint32_t host_major, uint32_t host_minor)
 *     {
 *         return host_major == SMB_ABI_MAJOR ? &my_api : NULL;
 *     }
 *
 * LIFE     entry -> create -> (op | extension functions)* -> destroy. Several contexts of one plugin may live in one
 *          process. A library is never unloaded.
 * THREADS  The host calls from any thread, and with one caller at a time per context. Two contexts may be called at
 *          the same time. A plugin takes at most smb_create_args.threads threads, from a pool of the context's own.
 * TAGS     Each function ends with [when · where · who owns what]: "created" means between create and destroy.
 * ERRORS   Functions answer a status, and for a failed one write a message into the host's smb_error, unless that is
 *          NULL. Messages are lower-case fragments in UTF-8. Nothing may unwind or longjmp out of a plugin.
 * MEMORY   Whoever allocates frees. Operands are the host's; a plugin keeps no pointer to them after the call.
 * GROWTH   A table carries struct_size and only ever grows at its end: fill it with sizeof, and read no more of a
 *          foreign one than its struct_size says; compare it with <, never with ==. What the host hands you may be
 *          larger than you know it: answer SMB_UNSUPPORTED unless the bytes beyond are zero, for zero always means "as
 *          before". An op's argument struct is frozen, and so are the elements of arrays; a change of them is a new id
 *          ("matmul/2"). Ids of your own carry your name, see smb_custom_args: "acme.conv2d/1".
 */
#ifndef SMBENCH_H
#define SMBENCH_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- versions ---------------------------------------------------------------------------------------------------- */

/* Major version of the contract; a host refuses a plugin of another major. */
#define SMB_ABI_MAJOR 1u

/* Minor version; grows when fields, ops or extensions are appended. */
#define SMB_ABI_MINOR 0u

/* Put before the definition of smb_plugin_entry_v1, so that it is found whatever the default visibility. */
#if defined(_WIN32)
#define SMB_EXPORT __declspec(dllexport)
#else
#define SMB_EXPORT __attribute__((visibility("default")))
#endif

/* ---- status and error -------------------------------------------------------------------------------------------- */

/* Answer of every fallible call. */
typedef int32_t smb_status;

#define SMB_OK 0            /* done */
#define SMB_UNSUPPORTED 1   /* the plugin does not do this shape, stride, type or variant; a row, never a failure */
#define SMB_INVALID 2       /* the arguments contradict themselves */
#define SMB_OUT_OF_MEMORY 3 /* memory could not be had */
#define SMB_FAILED 4        /* anything else; the message says what */
#define SMB_PANICKED 5      /* the plugin's code threw, and its shim caught it */

/* Bytes of a message, the final NUL included. */
#define SMB_ERROR_CAPACITY 256

/* A failed call's message. The host passes it in, the plugin writes, nobody frees. */
typedef struct smb_error {
    char message[SMB_ERROR_CAPACITY]; /* UTF-8, NUL-terminated, cut to fit */
} smb_error;

/* ---- tensor ------------------------------------------------------------------------------------------------------ */

/* Most dimensions a tensor can have. */
#define SMB_MAX_RANK 4

/* Element types. */
typedef uint32_t smb_dtype;

#define SMB_F32 1u /* IEEE 754 binary32 */
#define SMB_U32 2u /* 32-bit unsigned integer (token ids) */

/*
 * A view of up to four dimensions, outermost first; it never owns.
 *
 * The host aligns data to 64 bytes where it times and to the element where it checks. Inputs and outputs never
 * overlap, except that an op which allows it may get the very same data for its input and its output: the op says so.
 * No dimension is 0.
 *
 * "Contiguous" means row-major without gaps, where the stride of a dimension of size 1 is never looked at. Every op
 * says which strides it must accept; for others it answers SMB_UNSUPPORTED.
 */
typedef struct smb_tensor {
    void *data;                    /* first element; NULL for "no such operand" */
    smb_dtype dtype;               /* SMB_F32, unless the op says otherwise */
    uint32_t rank;                 /* dimensions used, 1 to SMB_MAX_RANK */
    uint64_t dims[SMB_MAX_RANK];   /* sizes; those beyond rank are 1 */
    int64_t strides[SMB_MAX_RANK]; /* distance between neighbours in elements; those beyond rank are 0 */
} smb_tensor;

/* ---- the table --------------------------------------------------------------------------------------------------- */

/* A plugin's state between create and destroy; the host never looks inside. Cast your own struct to it. */
typedef struct smb_context smb_context;

/* One --backend-option KEY=VALUE. */
typedef struct smb_key_value {
    const char *key;   /* NUL-terminated UTF-8 */
    const char *value; /* NUL-terminated UTF-8 */
} smb_key_value;

/* What a context is made from. All of it is the host's and gone after create. */
typedef struct smb_create_args {
    uint32_t struct_size;         /* sizeof this struct as the host was compiled */
    uint32_t threads;             /* threads the context may use in all, the caller's included; at least 1 */
    const char *tier;             /* one of smb_api.tiers, or NULL for the best */
    const smb_key_value *options; /* option_count options; answer SMB_UNSUPPORTED to unknown keys */
    size_t option_count;          /* length of options */
} smb_create_args;

/*
 * Makes a context. On success writes it to *context and answers SMB_OK.
 * [any time · any thread · plugin owns the context until destroy]
 */
typedef smb_status (*smb_create_fn)(const smb_create_args *args, smb_context **context, smb_error *error);

/*
 * Ends a context and everything made through it: tensors, prepared weights, models, threads. NULL is ignored.
 * [created · any thread, no call under way · the context is gone]
 */
typedef void (*smb_destroy_fn)(smb_context *context);

/*
 * Runs an op once, synchronously: the output is written when it returns. args points to the op's argument struct,
 * whose first field is its size; a plugin answers SMB_INVALID for one that is smaller than it knows it.
 * [created · any thread, one caller at a time per context · host owns args, operands and error]
 */
typedef smb_status (*smb_op_fn)(smb_context *context, const void *args, smb_error *error);

/*
 * Looks an op up by id ("matmul/1"); NULL when the plugin does not have it.
 * [created · any thread · the function lives as long as the library]
 */
typedef smb_op_fn (*smb_op_lookup_fn)(smb_context *context, const char *id);

/*
 * Looks an extension's table up by id ("memory/1"); NULL when the plugin does not have it.
 * [created · any thread · the table lives as long as the library]
 */
typedef const void *(*smb_extension_fn)(smb_context *context, const char *id);

/* Bits of smb_api.flags; unknown ones are ignored. */
#define SMB_FLAG_PREFERS_SPLIT 1u /* the plugin wants a process of its own in every launch */
#define SMB_FLAG_NOT_OPTIMISED 2u /* it was compiled without optimisation: a host refuses it unless told otherwise */

/* How the file with the table is compiled: put them into smb_api.flags and smb_api.compiler. */
#if defined(__OPTIMIZE__) || defined(_MSC_VER)
#define SMB_FLAGS_OF_BUILD 0u
#else
#define SMB_FLAGS_OF_BUILD SMB_FLAG_NOT_OPTIMISED
#endif
#if defined(__clang__)
#define SMB_COMPILER "clang " __clang_version__
#elif defined(__GNUC__)
#define SMB_COMPILER "gcc " __VERSION__
#else
#define SMB_COMPILER ((const char *)0)
#endif

/* The root of a plugin: lives as long as the library and never changes once returned. */
typedef struct smb_api {
    uint32_t struct_size;       /* sizeof(smb_api) as the plugin was compiled; says how many fields may be read */
    uint32_t flags;             /* bits of SMB_FLAG_... */
    const char *name;           /* short lower-case name, NUL-terminated UTF-8: "pooled"; not NULL */
    const char *version;        /* the plugin's own version: "1.4.0"; not NULL */
    const char *vendor;         /* who ships it: "acme"; not NULL */
    const char *const *tiers;   /* kernel tiers that run on this machine, best first, NULL-terminated; or NULL */
    smb_create_fn create;       /* not NULL */
    smb_destroy_fn destroy;     /* not NULL */
    smb_op_lookup_fn op;        /* not NULL */
    smb_extension_fn extension; /* NULL when the plugin has no extensions */
    const char *compiler;       /* SMB_COMPILER, or NULL when not told */
    /*
     * An environment variable that says how many threads to use and is read when the library is loaded:
     * "OMP_NUM_THREADS". The host sets it first, and gives the plugin a process of its own. NULL when
     * smb_create_args.threads is obeyed.
     */
    const char *threads_variable;
    /*
     * Ids of the ops of your own, NULL-terminated: "acme.topk/1"; NULL when there are none. For those who list what a
     * plugin has: an op is asked for whether it stands here or not.
     */
    const char *const *custom_ops;
} smb_api;

/*
 * The door: the one symbol a plugin exports. NULL means: this plugin does not speak the host's version. It may look at
 * the CPU; it starts no threads and allocates nothing that has to be freed.
 * [any time · any thread · the table lives as long as the library]
 */
#define SMB_ENTRY_SYMBOL "smb_plugin_entry_v1"
typedef const smb_api *(*smb_entry_fn)(uint32_t host_major, uint32_t host_minor);
SMB_EXPORT const smb_api *smb_plugin_entry_v1(uint32_t host_major, uint32_t host_minor);

/* ---- ops --------------------------------------------------------------------------------------------------------- */
/*
 * One argument struct each, the first field a header, passed as args of an smb_op_fn. Fields named reserved are zero.
 * All tensors are f32 unless said otherwise. A plugin offers the ops it has.
 */

/* First field of every argument struct. */
typedef struct smb_args_header {
    uint32_t struct_size; /* sizeof the whole argument struct as the host was compiled */
    uint32_t reserved;
} smb_args_header;

/*
 * c[m×n] = a[m×k] · b[k×n] + bias[n]
 * Strides: rows of a, b and c may lie any distance >= their length apart; columns are 1 apart. bias is contiguous.
 */
#define SMB_OP_MATMUL "matmul/1"
typedef struct smb_matmul_args {
    smb_args_header header;
    uint32_t trans_b; /* 1: b is stored [n×k] and read transposed; 0: [k×n] */
    uint32_t reserved;
    smb_tensor a;           /* [m×k] */
    smb_tensor b;           /* [k×n], or [n×k] with trans_b */
    smb_tensor c;           /* [m×n], overwritten */
    smb_tensor bias;        /* [n], or no operand */
    const void *b_prepared; /* what weights made of b, or NULL; b stays valid beside it */
} smb_matmul_args;

/* out = a + b, element by element. Contiguous, of equal shape. out may be a. */
#define SMB_OP_ADD "add/1"
typedef struct smb_add_args {
    smb_args_header header;
    smb_tensor a;   /* any shape */
    smb_tensor b;   /* shape of a */
    smb_tensor out; /* shape of a */
} smb_add_args;

/* out = a ∘ b, element by element. Contiguous, of equal shape. out may be a. */
#define SMB_OP_MUL "mul/1"
typedef struct smb_mul_args {
    smb_args_header header;
    smb_tensor a;   /* any shape */
    smb_tensor b;   /* shape of a */
    smb_tensor out; /* shape of a */
} smb_mul_args;

/* out[i,j] = x[i,j] + row[j]. Contiguous. out may be x. */
#define SMB_OP_BROADCAST_ADD "broadcast_add/1"
typedef struct smb_broadcast_add_args {
    smb_args_header header;
    smb_tensor x;   /* [rows×cols] */
    smb_tensor row; /* [cols] */
    smb_tensor out; /* [rows×cols] */
} smb_broadcast_add_args;

/* out = factor · x, element by element. Contiguous. out may be x. */
#define SMB_OP_SCALE "scale/1"
typedef struct smb_scale_args {
    smb_args_header header;
    float factor;
    uint32_t reserved;
    smb_tensor x;   /* any shape */
    smb_tensor out; /* shape of x */
} smb_scale_args;

/* Which GELU. */
typedef uint32_t smb_gelu_form;
#define SMB_GELU_TANH 0u /* x/2 · (1 + tanh(sqrt(2/π) · (x + 0.044715 x³))) */
#define SMB_GELU_ERF 1u  /* x/2 · (1 + erf(x / sqrt 2)) */

/* Gaussian error linear unit (arXiv:1606.08415), element by element. Contiguous. out may be x. */
#define SMB_OP_GELU "gelu/1"
typedef struct smb_gelu_args {
    smb_args_header header;
    smb_gelu_form form;
    uint32_t reserved;
    smb_tensor x;   /* any shape */
    smb_tensor out; /* shape of x */
} smb_gelu_args;

/* out = x / (1 + e^-x), element by element. Contiguous. out may be x. */
#define SMB_OP_SILU "silu/1"
typedef struct smb_silu_args {
    smb_args_header header;
    smb_tensor x;   /* any shape */
    smb_tensor out; /* shape of x */
} smb_silu_args;

/* out = max(x, 0), element by element; NaN stays NaN. Contiguous. out may be x. */
#define SMB_OP_RELU "relu/1"
typedef struct smb_relu_args {
    smb_args_header header;
    smb_tensor x;   /* any shape */
    smb_tensor out; /* shape of x */
} smb_relu_args;

/* out[i,j] = e^(x[i,j] - max_i) / Σ_j e^(x[i,j] - max_i), over the last dimension. Contiguous. out may be x. */
#define SMB_OP_SOFTMAX "softmax/1"
typedef struct smb_softmax_args {
    smb_args_header header;
    uint32_t causal; /* 1: row i sees columns j <= i + cols - rows, the others become 0; 0: all columns */
    uint32_t reserved;
    smb_tensor x;   /* [rows×cols], or [cols] for one row; cols >= rows if causal */
    smb_tensor out; /* shape of x */
} smb_softmax_args;

/*
 * out = (x - mean) / sqrt(var + eps) · gamma + beta, over the last dimension (arXiv:1607.06450); var is the biased one.
 * Contiguous. out may be x.
 */
#define SMB_OP_LAYERNORM "layernorm/1"
typedef struct smb_layernorm_args {
    smb_args_header header;
    float eps; /* added to the variance */
    uint32_t reserved;
    smb_tensor x;     /* [rows×cols], or [cols] for one row */
    smb_tensor gamma; /* [cols] */
    smb_tensor beta;  /* [cols] */
    smb_tensor out;   /* shape of x */
} smb_layernorm_args;

/* sum = x + residual; out = layernorm(sum). Contiguous. sum may be x; out is no other operand. */
#define SMB_OP_ADD_LAYERNORM "add_layernorm/1"
typedef struct smb_add_layernorm_args {
    smb_args_header header;
    float eps; /* added to the variance */
    uint32_t reserved;
    smb_tensor x;        /* [rows×cols], or [cols] for one row */
    smb_tensor residual; /* shape of x */
    smb_tensor gamma;    /* [cols] */
    smb_tensor beta;     /* [cols] */
    smb_tensor sum;      /* shape of x */
    smb_tensor out;      /* shape of x */
} smb_add_layernorm_args;

/*
 * out = x / sqrt(mean(x²) + eps) · gamma, over the last dimension (arXiv:1910.07467).
 * Contiguous. out may be x.
 */
#define SMB_OP_RMSNORM "rmsnorm/1"
typedef struct smb_rmsnorm_args {
    smb_args_header header;
    float eps; /* added to the mean square */
    uint32_t reserved;
    smb_tensor x;     /* [rows×cols], or [cols] for one row */
    smb_tensor gamma; /* [cols] */
    smb_tensor out;   /* shape of x */
} smb_rmsnorm_args;

/*
 * out = softmax(scale · q·kᵀ + mask) · v, per head (arXiv:1706.03762).
 * Strides: the last dimension is contiguous, the others lie anywhere: q, k and v may be slices of one fused matrix, or
 * of a cache.
 */
#define SMB_OP_ATTENTION "attention/1"
typedef struct smb_attention_args {
    smb_args_header header;
    uint32_t heads;    /* query heads */
    uint32_t causal;   /* 1: query i sees keys j <= past_len + i; 0: all keys */
    uint64_t past_len; /* keys that precede the first query */
    float scale;       /* usually 1/sqrt(head_dim) */
    uint32_t reserved;
    smb_tensor q;   /* [batch × queries × heads × head_dim] */
    smb_tensor k;   /* [batch × keys × kv_heads × head_dim]; heads is a multiple of kv_heads */
    smb_tensor v;   /* shape of k */
    smb_tensor out; /* shape of q */
} smb_attention_args;

/* out[i] = table[ids[i]]. Contiguous. */
#define SMB_OP_EMBEDDING "embedding/1"
typedef struct smb_embedding_args {
    smb_args_header header;
    smb_tensor table; /* [vocabulary × width] */
    smb_tensor ids;   /* [count] of SMB_U32, each below the vocabulary */
    smb_tensor out;   /* [count × width] */
} smb_embedding_args;

/* A named number that an op of your own takes beside its tensors. */
typedef struct smb_attribute {
    const char *name; /* NUL-terminated UTF-8: "k" */
    double value;     /* whole numbers are exact up to 2^53 */
} smb_attribute;

/*
 * Arguments of every op of your own, whose id has your name before its dot: "acme.topk/1". A suite declares its inputs,
 * outputs and attributes; here they come, in its order. Tensors are contiguous; outputs are no inputs.
 */
typedef struct smb_custom_args {
    smb_args_header header;
    uint32_t input_count;
    uint32_t output_count;           /* at least 1 */
    const smb_tensor *inputs;        /* input_count tensors, read */
    const smb_tensor *outputs;       /* output_count tensors, overwritten */
    const smb_attribute *attributes; /* attribute_count numbers: an axis, a count, a threshold */
    size_t attribute_count;
} smb_custom_args;

/* ---- extensions -------------------------------------------------------------------------------------------------- */
/*
 * One table each, the first field its size, returned by smb_api.extension. Without any of them a plugin is complete.
 */

/* What the allocator has done since the context was created. */
typedef struct smb_memory_stats {
    uint32_t struct_size; /* sizeof this struct as the host was compiled; the plugin writes no further */
    uint32_t reserved;
    uint64_t acquired;   /* calls of acquire that succeeded */
    uint64_t reused;     /* those that were served without asking the system allocator */
    uint64_t live_bytes; /* bytes in tensors that are out now */
    uint64_t held_bytes; /* bytes held for reuse now */
} smb_memory_stats;

/* memory: tensors from the plugin's own allocator or pool. They die with their context at the latest. */
#define SMB_EXTENSION_MEMORY "memory/1"
typedef struct smb_memory {
    uint32_t struct_size; /* sizeof this struct as the plugin was compiled */
    uint32_t reserved;
    /*
     * Fills *tensor with a contiguous tensor of rank dims, align bytes aligned (a power of two, at most 4096). The
     * content is undefined unless zeroed is 1.
     * [created · any thread, one caller at a time per context · plugin owns the memory, host until release]
     */
    smb_status (*acquire)(smb_context *context, smb_dtype dtype, uint32_t rank, const uint64_t *dims, size_t align,
                          uint32_t zeroed, smb_tensor *tensor, smb_error *error);
    /*
     * Gives a tensor back.
     * [created · any thread, one caller at a time per context · plugin owns the memory again]
     */
    void (*release)(smb_context *context, const smb_tensor *tensor);
    /*
     * Returns what is held for reuse to the system; does nothing without a pool.
     * [created · any thread, one caller at a time per context]
     */
    void (*trim)(smb_context *context);
    /*
     * Fills *stats up to its struct_size, which it leaves alone.
     * [created · any thread, one caller at a time per context · host owns the result]
     */
    void (*stats)(smb_context *context, smb_memory_stats *stats);
} smb_memory;

/* Roles of smb_weights.prepare. */
#define SMB_ROLE_MATMUL_B "matmul.b"                       /* b of a matmul, [k×n] */
#define SMB_ROLE_MATMUL_B_TRANSPOSED "matmul.b_transposed" /* b of a matmul with trans_b, [n×k] */

/* weights: constant operands, prepared once (packed, transposed, uploaded). */
#define SMB_EXTENSION_WEIGHTS "weights/1"
typedef struct smb_weights {
    uint32_t struct_size; /* sizeof this struct as the plugin was compiled */
    uint32_t reserved;
    /*
     * Prepares source for role and writes a handle that is not NULL. An unknown role is SMB_UNSUPPORTED, which means:
     * pass the tensor itself. The host keeps source alive and unchanged until release.
     * [created · any thread, one caller at a time per context · plugin owns the handle until release]
     */
    smb_status (*prepare)(smb_context *context, const smb_tensor *source, const char *role, const void **handle,
                          smb_error *error);
    /*
     * Ends a handle.
     * [created · any thread, one caller at a time per context · the handle is gone]
     */
    void (*release)(smb_context *context, const void *handle);
} smb_weights;

/* What the host wants run; it calls ops of the same context. It never throws. */
typedef void (*smb_body)(void *data);

/* session: many calls from inside the plugin's own thread pool, because entering one costs microseconds a call. */
#define SMB_EXTENSION_SESSION "session/1"
typedef struct smb_session {
    uint32_t struct_size; /* sizeof this struct as the plugin was compiled */
    uint32_t reserved;
    /*
     * Calls body(data) exactly once on a thread of the context's pool, and returns after it has returned. A call of an
     * op from inside body is not a second caller.
     * [created · any thread, one caller at a time per context · host owns data]
     */
    smb_status (*run)(smb_context *context, smb_body body, void *data, smb_error *error);
} smb_session;

/* What an op really uses. Texts are NUL-terminated UTF-8, cut to fit. */
typedef struct smb_receipt {
    uint32_t struct_size;    /* sizeof this struct as the host was compiled; the plugin writes no further */
    uint32_t threads;        /* threads that took part; 0 when not known */
    char tier[32];           /* kernel tier: "avx512" */
    char implementation[96]; /* in a few words: "loops i-k-j" */
    uint64_t pool_hits;      /* buffers served from the plugin's pool since creation */
    uint64_t pool_misses;    /* buffers the pool had to allocate since creation */
} smb_receipt;

/* receipt: what really ran. */
#define SMB_EXTENSION_RECEIPT "receipt/1"
typedef struct smb_receipt_table {
    uint32_t struct_size; /* sizeof this struct as the plugin was compiled */
    uint32_t reserved;
    /*
     * Fills *receipt up to its struct_size, which it leaves alone, for the op id, as it would run or last ran. Of a model
     * that the plugin builds itself the host asks by that extension's id; an unknown id has an empty receipt.
     * [created · any thread, one caller at a time per context · host owns the result]
     */
    void (*read)(smb_context *context, const char *id, smb_receipt *receipt);
} smb_receipt_table;

/* Normalisation before each block of a model. */
typedef uint32_t smb_normalisation;
#define SMB_NORMALISATION_LAYERNORM 0u
#define SMB_NORMALISATION_RMSNORM 1u

/* Activation of a model's feed-forward block. */
typedef uint32_t smb_activation;
#define SMB_ACTIVATION_GELU_TANH 0u
#define SMB_ACTIVATION_GELU_ERF 1u
#define SMB_ACTIVATION_SILU 2u

/*
 * Shape of a pre-normalised decoder with learned positions and an untied head:
 *   x = token_embedding[id] + position_embedding[position]
 *   for every layer:  x += attention(norm1(x) · qkv + b) · out + b          causal, heads side by side in a row
 *                     x += activation(norm2(x) · up + b) · down + b
 *   logits = norm(x) · head
 */
typedef struct smb_model_spec {
    uint32_t struct_size;            /* sizeof this struct as the host was compiled */
    uint32_t vocabulary;             /* token ids are below this */
    uint32_t context;                /* most positions */
    uint32_t width;                  /* width of the residual stream */
    uint32_t layers;                 /* blocks */
    uint32_t heads;                  /* attention heads; width is a multiple */
    uint32_t hidden;                 /* width of the feed-forward block */
    uint32_t batch;                  /* sequences in every call */
    smb_normalisation normalisation; /* before each block and the head */
    smb_activation activation;       /* in the feed-forward block */
    float eps;                       /* of the normalisation */
    uint32_t cached;                 /* 1: forward remembers keys and values of up to context positions; 0: every call
                                        begins at position 0, and nothing need be kept */
} smb_model_spec;

/*
 * A weight and its name. Matrices are [in × out], row-major; each layer has those of layer 0; RMSNorm has no norm bias:
 *   token_embedding [vocabulary × width]    position_embedding [context × width]
 *   layer.0.norm1.gain, .bias [width]       layer.0.norm2.gain, .bias [width]
 *   layer.0.qkv.weight [width × 3·width]    layer.0.qkv.bias [3·width]      queries, keys, values side by side
 *   layer.0.out.weight [width × width]      layer.0.out.bias [width]
 *   layer.0.up.weight [width × hidden]      layer.0.up.bias [hidden]
 *   layer.0.down.weight [hidden × width]    layer.0.down.bias [width]
 *   norm.gain, .bias [width]                head.weight [width × vocabulary]
 */
typedef struct smb_named_tensor {
    const char *name;  /* NUL-terminated UTF-8: "layer.0.qkv.weight" */
    smb_tensor tensor; /* contiguous */
} smb_named_tensor;

/*
 * model: whole graphs, run by the plugin itself. Without it, or where build answers SMB_UNSUPPORTED, the host composes
 * the model from ops.
 */
#define SMB_EXTENSION_MODEL "model/1"
typedef struct smb_model {
    uint32_t struct_size; /* sizeof this struct as the plugin was compiled */
    uint32_t reserved;
    /*
     * Builds a model from weights that stay alive and unchanged until release, as does the list of them.
     * [created · any thread, one caller at a time per context · plugin owns the handle until release]
     */
    smb_status (*build)(smb_context *context, const smb_model_spec *spec, const smb_named_tensor *weights,
                        size_t weight_count, void **handle, smb_error *error);
    /*
     * Runs ids ([batch·new] of SMB_U32, sequence by sequence) as the positions from past_len on, and forgets what was
     * remembered of these and later ones; writes logits ([batch·new × vocabulary], or [batch × vocabulary] for the
     * last position of each sequence only).
     * [created · any thread, one caller at a time per context · host owns ids and logits]
     */
    smb_status (*forward)(smb_context *context, void *handle, const smb_tensor *ids, uint64_t past_len,
                          const smb_tensor *logits, smb_error *error);
    /*
     * Ends a handle.
     * [created · any thread, one caller at a time per context · the handle is gone]
     */
    void (*release)(smb_context *context, void *handle);
} smb_model;

#ifdef __cplusplus
}
#endif

#endif
