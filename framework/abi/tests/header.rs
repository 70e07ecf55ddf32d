//! `include/smbench.h` says what the Rust side says: a C program prints what the header has, and a table over the Rust
//! types prints the same. The snapshot is the contract in numbers: a change of it breaks plugins.

#[path = "support/cc.rs"]
mod cc;

use std::ffi::CStr;
use std::fmt::Write;
use std::process::Command;

use cc::Language;
use smbench_abi::extension::{
    Activation, Extension, Memory, MemoryStats, Model, ModelSpec, NamedTensor, Normalisation, Receipt, ReceiptTable,
    Session, Weights,
};
use smbench_abi::op::{
    AddArgs, AddLayernormArgs, AttentionArgs, BroadcastAddArgs, EmbeddingArgs, GeluArgs, GeluForm, LayernormArgs,
    MatmulArgs, MulArgs, ReluArgs, RmsnormArgs, ScaleArgs, SiluArgs, SoftmaxArgs,
};
use smbench_abi::{
    ABI_MAJOR, ABI_MINOR, Api, ArgsHeader, Attribute, C_DOOR_SYMBOL, CreateArgs, CustomArgs, DType, Error, KeyValue,
    MAX_RANK, OpArgs, Status, Tensor, flag,
};

/// A struct on both sides.
struct Struct {
    c_name: &'static str,
    size: usize,
    fields: &'static [(&'static str, usize)],
}

/// Lists structs with all their fields: one that is left out does not compile, because the pattern is exhaustive.
macro_rules! structs {
    ($($c_name:literal $type:ident { $($field:ident),* })*) => {
        const STRUCTS: &[Struct] = &[$(Struct {
            c_name: $c_name,
            size: size_of::<$type>(),
            fields: &[$((stringify!($field), std::mem::offset_of!($type, $field))),*],
        }),*];
        $(const _: fn($type) = |$type { $($field: _),* }: $type| ();)*
    };
}

structs! {
    "smb_error" Error { message }
    "smb_tensor" Tensor { data, dtype, rank, dims, strides }
    "smb_key_value" KeyValue { key, value }
    "smb_create_args" CreateArgs { struct_size, threads, tier, options, option_count }
    "smb_api" Api {
        struct_size, flags, name, version, vendor, tiers, create, destroy, op, extension, compiler, threads_variable,
        custom_ops
    }
    "smb_args_header" ArgsHeader { struct_size, reserved }
    "smb_matmul_args" MatmulArgs { header, trans_b, reserved, a, b, c, bias, b_prepared }
    "smb_add_args" AddArgs { header, a, b, out }
    "smb_mul_args" MulArgs { header, a, b, out }
    "smb_broadcast_add_args" BroadcastAddArgs { header, x, row, out }
    "smb_scale_args" ScaleArgs { header, factor, reserved, x, out }
    "smb_gelu_args" GeluArgs { header, form, reserved, x, out }
    "smb_silu_args" SiluArgs { header, x, out }
    "smb_relu_args" ReluArgs { header, x, out }
    "smb_softmax_args" SoftmaxArgs { header, causal, reserved, x, out }
    "smb_layernorm_args" LayernormArgs { header, eps, reserved, x, gamma, beta, out }
    "smb_add_layernorm_args" AddLayernormArgs { header, eps, reserved, x, residual, gamma, beta, sum, out }
    "smb_rmsnorm_args" RmsnormArgs { header, eps, reserved, x, gamma, out }
    "smb_attention_args" AttentionArgs { header, heads, causal, past_len, scale, reserved, q, k, v, out }
    "smb_embedding_args" EmbeddingArgs { header, table, ids, out }
    "smb_attribute" Attribute { name, value }
    "smb_custom_args" CustomArgs { header, input_count, output_count, inputs, outputs, attributes, attribute_count }
    "smb_memory_stats" MemoryStats { struct_size, reserved, acquired, reused, live_bytes, held_bytes }
    "smb_memory" Memory { struct_size, reserved, acquire, release, trim, stats }
    "smb_weights" Weights { struct_size, reserved, prepare, release }
    "smb_session" Session { struct_size, reserved, run }
    "smb_receipt" Receipt { struct_size, threads, tier, implementation, pool_hits, pool_misses }
    "smb_receipt_table" ReceiptTable { struct_size, reserved, read }
    "smb_model_spec" ModelSpec {
        struct_size, vocabulary, context, width, layers, heads, hidden, batch, normalisation, activation, eps, cached
    }
    "smb_named_tensor" NamedTensor { name, tensor }
    "smb_model" Model { struct_size, reserved, build, forward, release }
}

const NUMBERS: &[(&str, i64)] = &[
    ("SMB_ABI_MAJOR", ABI_MAJOR as i64),
    ("SMB_ABI_MINOR", ABI_MINOR as i64),
    ("SMB_OK", Status::Ok.0 as i64),
    ("SMB_UNSUPPORTED", Status::Unsupported.0 as i64),
    ("SMB_INVALID", Status::Invalid.0 as i64),
    ("SMB_OUT_OF_MEMORY", Status::OutOfMemory.0 as i64),
    ("SMB_FAILED", Status::Failed.0 as i64),
    ("SMB_PANICKED", Status::Panicked.0 as i64),
    ("SMB_ERROR_CAPACITY", Error::CAPACITY as i64),
    ("SMB_MAX_RANK", MAX_RANK as i64),
    ("SMB_F32", DType::F32.0 as i64),
    ("SMB_U32", DType::U32.0 as i64),
    ("SMB_FLAG_PREFERS_SPLIT", flag::PREFERS_SPLIT as i64),
    ("SMB_FLAG_NOT_OPTIMISED", flag::NOT_OPTIMISED as i64),
    ("SMB_GELU_TANH", GeluForm::TANH.0 as i64),
    ("SMB_GELU_ERF", GeluForm::ERF.0 as i64),
    ("SMB_NORMALISATION_LAYERNORM", Normalisation::LAYERNORM.0 as i64),
    ("SMB_NORMALISATION_RMSNORM", Normalisation::RMSNORM.0 as i64),
    ("SMB_ACTIVATION_GELU_TANH", Activation::GELU_TANH.0 as i64),
    ("SMB_ACTIVATION_GELU_ERF", Activation::GELU_ERF.0 as i64),
    ("SMB_ACTIVATION_SILU", Activation::SILU.0 as i64),
];

/// In the order of `op::IDS` and `extension::IDS`.
const IDS: &[(&str, &CStr)] = &[
    ("SMB_OP_MATMUL", MatmulArgs::ID),
    ("SMB_OP_ADD", AddArgs::ID),
    ("SMB_OP_MUL", MulArgs::ID),
    ("SMB_OP_BROADCAST_ADD", BroadcastAddArgs::ID),
    ("SMB_OP_SCALE", ScaleArgs::ID),
    ("SMB_OP_GELU", GeluArgs::ID),
    ("SMB_OP_SILU", SiluArgs::ID),
    ("SMB_OP_RELU", ReluArgs::ID),
    ("SMB_OP_SOFTMAX", SoftmaxArgs::ID),
    ("SMB_OP_LAYERNORM", LayernormArgs::ID),
    ("SMB_OP_ADD_LAYERNORM", AddLayernormArgs::ID),
    ("SMB_OP_RMSNORM", RmsnormArgs::ID),
    ("SMB_OP_ATTENTION", AttentionArgs::ID),
    ("SMB_OP_EMBEDDING", EmbeddingArgs::ID),
    ("SMB_EXTENSION_MEMORY", Memory::ID),
    ("SMB_EXTENSION_WEIGHTS", Weights::ID),
    ("SMB_EXTENSION_SESSION", Session::ID),
    ("SMB_EXTENSION_RECEIPT", ReceiptTable::ID),
    ("SMB_EXTENSION_MODEL", Model::ID),
];

#[test]
fn the_contract_in_numbers() {
    insta::assert_snapshot!("layout", rust_layout());
}

#[test]
fn the_header_is_the_contract_in_c() {
    check(Language::C11);
}

#[test]
fn the_header_is_the_contract_in_cpp() {
    check(Language::Cpp17);
}

#[test]
fn every_id_of_the_contract_is_in_the_header() {
    let ids: Vec<_> = smbench_abi::op::IDS.iter().chain(smbench_abi::extension::IDS).collect();
    assert_eq!(IDS.iter().map(|(_, id)| id).collect::<Vec<_>>(), ids);
}

/// Tables and structs that may grow at their end; all others are frozen.
const GROWING: [&str; 10] = [
    "smb_create_args",
    "smb_api",
    "smb_memory_stats",
    "smb_memory",
    "smb_weights",
    "smb_session",
    "smb_receipt",
    "smb_receipt_table",
    "smb_model_spec",
    "smb_model",
];

#[test]
fn what_was_in_1_0_is_where_it_was() {
    let (now, then) = (rust_layout(), include_str!("frozen/1.0/layout.txt"));
    let sections = |text: &str| -> Vec<(String, Vec<String>)> {
        let mut sections: Vec<(String, Vec<String>)> = Vec::new();
        for line in text.lines() {
            match line.starts_with(' ') {
                true => sections.last_mut().unwrap().1.push(line.to_owned()),
                false => sections.push((line.to_owned(), Vec::new())),
            }
        }
        sections
    };
    let now = sections(&now);
    for (head, fields) in sections(then) {
        let (name, size) = head.split_once(' ').unwrap();
        let (head_now, fields_now) = now
            .iter()
            .find(|(head, _)| head.split_once(' ').unwrap().0 == name)
            .unwrap_or_else(|| panic!("{name} is gone"));
        assert!(fields_now.starts_with(&fields), "{name}: {fields:?} became {fields_now:?}");
        let grows = GROWING.contains(&name) || name == "SMB_ABI_MINOR";
        match grows {
            true => assert!(fields_now.len() >= fields.len(), "{name} lost fields"),
            false => assert_eq!(head_now.split_once(' ').unwrap().1, size, "{name}"),
        }
    }
}

#[track_caller]
fn check(language: Language) {
    let folder = tempfile::tempdir().unwrap();
    let (source, program) = (folder.path().join("layout.c"), folder.path().join("layout"));
    std::fs::write(&source, c_program()).unwrap();
    cc::compile(language, &[], &source, &program);
    let output = Command::new(program).output().unwrap();
    assert_eq!(String::from_utf8(output.stdout).unwrap(), rust_layout());
}

/// What the C program prints, from the Rust types.
fn rust_layout() -> String {
    let mut text = String::new();
    for Struct { c_name, size, fields } in STRUCTS {
        writeln!(text, "{c_name} {size}").unwrap();
        fields.iter().for_each(|(field, offset)| writeln!(text, "  {offset} {field}").unwrap());
    }
    NUMBERS.iter().for_each(|(name, value)| writeln!(text, "{name} {value}").unwrap());
    texts().for_each(|(name, value)| writeln!(text, "{name} {value}").unwrap());
    text
}

/// A program that prints the same from the header; what the header lacks does not compile.
fn c_program() -> String {
    let mut lines = String::new();
    for Struct { c_name, fields, .. } in STRUCTS {
        writeln!(lines, r#"printf("{c_name} %zu\n", sizeof({c_name}));"#).unwrap();
        for (field, _) in *fields {
            writeln!(lines, r#"printf("  %zu {field}\n", offsetof({c_name}, {field}));"#).unwrap();
        }
    }
    for (name, _) in NUMBERS {
        writeln!(lines, r#"printf("{name} %lld\n", (long long){name});"#).unwrap();
    }
    for (name, _) in texts() {
        writeln!(lines, r#"printf("{name} %s\n", {name});"#).unwrap();
    }
    format!("#include \"smbench.h\"\n#include <stdio.h>\nint main(void) {{\n{lines}return 0;\n}}\n")
}

fn texts() -> impl Iterator<Item = (&'static str, &'static str)> {
    let ids = IDS.iter().map(|&(name, id)| (name, id.to_str().unwrap()));
    ids.chain([("SMB_ENTRY_SYMBOL", C_DOOR_SYMBOL)])
}
